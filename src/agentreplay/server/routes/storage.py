"""The store itself: what it holds and takes, whether it is whole, and giving free room back. All tenants together."""

from typing import Annotated

import msgspec
from msgspec import Meta

from agentreplay.core.doctor import Finding, findings
from agentreplay.core.installation import typed_command
from agentreplay.model.receipt import Statistics
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service
from agentreplay.store.sqlite.upkeep import Examination, examine, vacuum

__all__ = ["HANDLERS", "Health", "Shrinking", "Shrunk", "examine_storage", "get_statistics", "vacuum_storage"]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What an examination found, and what that means."""

    examination: Examination
    findings: tuple[Finding, ...]
    program: str
    """How a command of this installation begins when one types it on the server's machine."""


class Shrinking(msgspec.Struct, frozen=True, kw_only=True):
    """How far the file is being shrunk."""

    done: int
    """Steps; the last of them takes the longest, because it writes the file anew."""
    of: int


class Shrunk(msgspec.Struct, frozen=True, kw_only=True):
    """What the file took before and after."""

    bytes_before: int
    bytes_after: int


@reads("/statistics", tag="storage", summary="How much the store holds")
def get_statistics(
    service: Service,
    deep: Annotated[bool, Meta(description="Walk through the whole file, for what takes that.")] = False,  # noqa: FBT002
) -> Statistics:
    """Sessions, spans, contents and bytes of the whole store, whoever they belong to."""
    return service.store.statistics(deep=deep)


@reads("/storage", tag="storage", summary="Whether the store is well")
def examine_storage(
    service: Service,
    deep: Annotated[bool, Meta(description="Read all of it, which takes its time.")] = False,  # noqa: FBT002
) -> Health:
    """What `agentreplay doctor` says. Changes nothing."""
    examination = examine(service.settings.db_path, deep=deep)
    return Health(examination=examination, findings=findings(examination), program=typed_command())


@writes("POST", "/storage/vacuum", tag="storage", summary="Give room that is free inside the file back to the disk")
def vacuum_storage(service: Service) -> Shrunk:
    """Nothing is indexed meanwhile; what comes in waits in the journals, and nothing of it is lost.

    The live feed tells of each step as the event `vacuum`.
    """

    def progress(done: int, of: int) -> None:
        service.tell("vacuum", Shrinking(done=done, of=of))

    before, after = vacuum(service.settings.db_path, progress)
    return Shrunk(bytes_before=before, bytes_after=after)


HANDLERS = (get_statistics, examine_storage, vacuum_storage)
