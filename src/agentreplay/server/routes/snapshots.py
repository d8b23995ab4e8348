"""The snapshots in the one folder or bucket that the server was told of, to look at.

They belong to the tenant of the server. None is written, deleted or opened with a key here: that is for whoever can
reach the files.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from agentreplay.contents.shelf import Located, open_shelf
from agentreplay.contents.watched import Watched, Went
from agentreplay.core import snapshots as core
from agentreplay.model.page import Page
from agentreplay.model.snapshot import SnapshotMetadata
from agentreplay.server.asking import MOST_ITEMS
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "Differences", "Shelved", "diff_snapshots", "get_snapshot", "list_snapshots", "verify_snapshot"]

_Name = Annotated[str, Meta(description="The name of its file, with slashes between folders.")]
_Session = Annotated[str | None, Meta(description="Only those that were taken in this session.")]
_Agent = Annotated[str | None, Meta(description="Of this agent, in the order in which they were taken.")]


class Shelved(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is a snapshot; of a damaged one there is a problem in place of metadata."""

    name: str
    metadata: SnapshotMetadata | None
    problem: str


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """Where two states differ: `path`, and `expected` and `got` where that side has something."""

    items: tuple[dict[str, Any], ...]


@reads("/snapshots", tag="snapshots", summary="The snapshots there are")
def list_snapshots(service: Service, agent: _Agent = None, session: _Session = None) -> Page[Shelved]:
    """By name, or those of an agent by time. Where AGENTREPLAY_SNAPSHOTS says, at most 10,000."""
    found = [one for one in core.find(_shelf(service)) if session is None or _is_of(one, session)]
    listed = found if agent is None else core.history(found, agent)
    items = [Shelved(name=each.name, metadata=each.metadata, problem=each.problem) for each in listed]
    return Page(items=tuple(items[:MOST_ITEMS]), next=None)


@reads("/snapshots/metadata", tag="snapshots", summary="What is told of a snapshot")
def get_snapshot(service: Service, name: _Name) -> SnapshotMetadata:
    """Its state is not read for it."""
    return core.metadata_of(Located(_shelf(service), name))


@reads("/snapshots/verification", tag="snapshots", summary="Whether a snapshot is as it was written")
def verify_snapshot(service: Service, name: _Name) -> SnapshotMetadata:
    """Every byte of it is proven; what is damaged is an error that says where."""
    return core.verify(Located(_shelf(service), name))


@reads("/snapshots/difference", tag="snapshots", summary="Where the states of two snapshots differ")
def diff_snapshots(service: Service, one: _Name, other: _Name) -> Differences:
    """The differences in order, at most 10,000. States of more than a gibibyte are not read."""
    shelf = _shelf(service)
    found = core.diff(Located(shelf, one), Located(shelf, other))
    return Differences(items=tuple(difference.told for difference in found[:MOST_ITEMS]))


def _is_of(listed: core.Found, session: str) -> bool:
    return listed.metadata is not None and listed.metadata.session_id == session


def _shelf(service: Service) -> Watched:
    def tell(went: Went) -> None:
        where = {"operation": went.operation, "backend": went.backend}
        service.figures.add("agentreplay_snapshot_operations_total", **where, outcome=went.outcome)
        service.figures.observe("agentreplay_snapshot_seconds", went.seconds, **where)
        if went.bytes:
            service.figures.add("agentreplay_snapshot_bytes_total", went.bytes, **where)

    return Watched(open_shelf(service.settings.snapshot_folder), tell)


HANDLERS = (list_snapshots, get_snapshot, verify_snapshot, diff_snapshots)
