"""The change feed: everything that happened to a store, in the one order of its positions."""

from typing import Literal

import msgspec

from agentreplay.model.ids import Position
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey

__all__ = ["Change", "Changes"]


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A span or a session that was stored, changed or deleted at this position."""

    position: Position
    what: Literal["span", "session", "session deleted", "project deleted"]
    session: SessionKey
    span: SpanKey | None = None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Changes in order, and the position to ask from next time.

    A thing that changed twice may appear only at its last position.
    """

    items: tuple[Change, ...]
    position: Position
