"""What a model saw: a list of messages kept as a chain of links.

A link is (previous context, message). Its id is computed from both, so two contexts that begin alike share
their links, and their first difference is found by comparing ids. Markers that wander along a
conversation, such as cache hints, are kept beside the messages and not in them: see `contents.messages`.
"""

import re
from collections.abc import Iterable

import msgspec
from blake3 import blake3

from agentreplay.model.ids import ContentHash, ContextId, check_content_hash, check_context_id
from agentreplay.model.values import Value

__all__ = ["ContextLink", "ContextRef", "Marker", "chain", "context_id"]

_USUAL_ID = re.compile("[0-9a-f]{32}").fullmatch
_USUAL_LINK = re.compile("[0-9a-f]{32} [0-9a-f]{64} [0-9a-f]{32}").fullmatch


class ContextLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One message after the ones before it."""

    id: ContextId
    message: ContentHash
    previous: ContextId | None = None

    def __post_init__(self) -> None:
        previous = self.id if self.previous is None else self.previous
        if _USUAL_LINK(f"{self.id} {self.message} {previous}") is None:
            force = msgspec.structs.force_setattr
            force(self, "id", check_context_id(self.id))
            force(self, "message", check_content_hash(self.message))
            if self.previous is not None:
                force(self, "previous", check_context_id(self.previous))


class Marker(msgspec.Struct, frozen=True, array_like=True):
    """A value that stood inside a message: which message (from 0), the path to it, and the value."""

    message: int
    path: tuple[str | int, ...]
    value: Value


class ContextRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The context a span saw, with the markers that stood in its messages at that time."""

    id: ContextId
    markers: tuple[Marker, ...] = ()

    def __post_init__(self) -> None:
        if _USUAL_ID(self.id) is None:
            msgspec.structs.force_setattr(self, "id", check_context_id(self.id))


def context_id(previous: ContextId | None, message: ContentHash) -> ContextId:
    """The id of the context that ends with this message."""
    return ContextId(blake3(bytes.fromhex((previous or "") + message)).digest(16).hex())


def chain(messages: Iterable[ContentHash], previous: ContextId | None = None) -> list[ContextLink]:
    """The links of a conversation, oldest first, going on from `previous`."""
    links: list[ContextLink] = []
    for message in messages:
        link = ContextLink(id=context_id(previous, message), message=message, previous=previous)
        links.append(link)
        previous = link.id
    return links
