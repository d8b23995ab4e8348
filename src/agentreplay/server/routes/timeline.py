"""The state of a session at its steps, and its checkpoints."""

from itertools import islice
from typing import Annotated

from msgspec import Meta

from agentreplay.core import sessions
from agentreplay.core.checkout import KeptEntry, each_entry, root_of
from agentreplay.core.checkpoints import find_checkpoints
from agentreplay.core.edited_files import EditedFile, edited_files
from agentreplay.core.timeline import END, State
from agentreplay.model.checkpoint import Checkpoint
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.session import SessionKey
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "read_checkpoints", "read_edits", "read_files", "read_step", "read_steps"]

_MOST_STATES = 1_000
_MOST_FILES = 100_000
_At = Annotated[str, Meta(description="A step, from 1; the name of a checkpoint; or `end`.")]
_Start = Annotated[int, Meta(ge=1, le=1 << 62, description="The first step, from 1.")]
_Many = Annotated[int, Meta(ge=1, le=_MOST_STATES, description="How many steps at most.")]

_Files = Annotated[int, Meta(ge=1, le=_MOST_FILES, description="How many entries at most.")]


@reads("/sessions/{session_id}/state", tag="timeline", summary="A session as it was at one of its steps")
def read_step(service: Service, session: SessionKey, at: _At = END) -> State:
    """What was open when that step began, what the models had seen, and what it came to so far."""
    with service.timelines.of(session) as line:
        return line.at(at)


@reads("/sessions/{session_id}/states", tag="timeline", summary="A session step by step")
def read_steps(service: Service, session: SessionKey, start: _Start = 1, limit: _Many = 50) -> Page[State]:
    """The states from a step on. `next`, where there are more, is the `start` of those behind them."""
    with service.timelines.of(session) as line:
        states = tuple(islice(line.states(start), limit))
        following = start + len(states)
        return Page(items=states, next=Cursor(str(following)) if following <= len(line) else None)


@reads("/sessions/{session_id}/checkpoints", tag="timeline", summary="The checkpoints of a session")
def read_checkpoints(service: Service, session: SessionKey, page: PageRequest) -> Page[Checkpoint]:
    """The newest first. The `state` of each is a content."""
    sessions.get(service.store.sessions, session)
    return find_checkpoints(service.store, session, page)


@reads("/sessions/{session_id}/files", tag="timeline", summary="The files of a session as they were at one step")
def read_files(
    service: Service, session: SessionKey, at: _At = END, start: _Start = 1, limit: _Files = 1_000
) -> Page[KeptEntry]:
    """What is in the workspace, each folder before what is in it; the `hash` of a file names its content.

    `next`, where there are more, is the `start` of those behind them.
    """
    with service.timelines.of(session) as line:
        root = root_of(service.store, line.at(at))
    entries = list(islice(each_entry(service.store, session.tenant, root), start - 1, start + limit))
    following = Cursor(str(start + limit)) if len(entries) > limit else None
    return Page(items=tuple(entries[:limit]), next=following)


@reads("/sessions/{session_id}/edits", tag="timeline", summary="The edited files of a session at one step")
def read_edits(service: Service, session: SessionKey, at: _At = END) -> Page[EditedFile]:
    """Every file that a coding agent edits in the session, by path; `content` is what it held when the step began."""
    with service.timelines.of(session) as line:
        moment = line.at(at).at
    return Page(items=tuple(edited_files(service.store, session, moment)))


HANDLERS = (read_step, read_steps, read_checkpoints, read_files, read_edits)
