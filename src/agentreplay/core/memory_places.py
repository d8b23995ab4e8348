"""How people and programs name collections and metadata."""

from collections.abc import Iterable

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.memory import CollectionKey, Metadata, collection_key

__all__ = ["USUAL_COLLECTION", "collection_named", "read_metadata", "told_metadata"]

USUAL_COLLECTION = "notes"
"""Where what is remembered goes when nobody says otherwise."""


def collection_named(
    tenant: TenantId,
    project: ProjectId,
    name: str = USUAL_COLLECTION,
    *,
    agent: str | None = None,
    workspace: str | None = None,
) -> CollectionKey:
    """A collection of the project, or of an agent or a workspace in it. Raises ValueInvalid."""
    if agent is not None and workspace is not None:
        raise ValueInvalid(what="the collection", problem="it belongs to an agent or to a workspace, not to both")
    owner = f"agent:{agent}" if agent is not None else f"workspace:{workspace}" if workspace is not None else ""
    return collection_key(tenant, project, owner, name)


def read_metadata(given: Iterable[tuple[str, str]]) -> Metadata:
    """What people type for values: numbers, true, false and null as JSON has them, else the text itself."""
    return {name: _value(text) for name, text in given}


def told_metadata(text: str) -> Metadata:
    """What programs say: a map as JSON. Raises ValueInvalid."""
    try:
        return msgspec.json.decode(text, type=Metadata)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise ValueInvalid(what="the metadata", problem=f"{text[:60]!r} is no map of plain values: {error}") from error


def _value(text: str) -> bool | float | str | None:
    try:
        return msgspec.json.decode(text, type=bool | int | float | str | None)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return text
