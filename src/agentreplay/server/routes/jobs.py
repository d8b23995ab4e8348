"""Replays and forks of stored sessions, as jobs; docs/jobs.md."""

import json
from typing import Any, Literal

import msgspec
from litestar.params import FromPath, JSONBody

from agentreplay.core import sessions
from agentreplay.errors import ValueInvalid
from agentreplay.model.page import Page
from agentreplay.model.session import SessionKey
from agentreplay.server.jobs import Job
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "ForkWish", "ReplayWish", "cancel_job", "find_jobs", "fork_session", "get_job", "replay_session"]

_PATCHES, _SCRIPT = "patches.json", "script.json"


class ReplayWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to replay."""

    on_divergence: Literal["stop", "serve", "live"] = "stop"
    speed: Literal["instant", "recorded"] = "instant"


class ForkWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change, and how to go on."""

    at: int | str
    """The step of the call to change, `last`, or the name of a checkpoint: then the first call behind it."""
    patches: dict[str, Any] = {}
    """Paths and values, as in the file that `agentreplay fork --patch` takes."""
    tail: Literal["live", "hybrid", "script"] = "live"
    script: list[Any] = []
    """What models answer behind the step, with the tail `script`."""


@writes("post", "/sessions/{session_id:str}/replay", tag="jobs", summary="Replay a session")
def replay_session(service: Service, session: SessionKey, data: JSONBody[ReplayWish]) -> Job:
    """The recorded program is run again, on the machine of the server, from its tape. The job says how it came out."""
    sessions.get(service.store.sessions, session)
    told = ["--on-divergence", data.on_divergence, "--speed", data.speed]
    return service.jobs.start("replay", session, told, {})


@writes("post", "/sessions/{session_id:str}/fork", tag="jobs", summary="Fork a session")
def fork_session(service: Service, session: SessionKey, data: JSONBody[ForkWish]) -> Job:
    """The recorded program is run again, on the machine of the server, with one step changed; a new session is made."""
    sessions.get(service.store.sessions, session)
    told, files = [f"--at={data.at}"], dict[str, str]()
    if data.patches:
        files[_PATCHES] = json.dumps(data.patches)
        told += ["--patch", _PATCHES]
    if bool(data.script) != (data.tail == "script"):
        raise ValueInvalid(what="the script", problem="it goes with the tail `script`, and that with it")
    if data.script:
        files[_SCRIPT] = json.dumps(data.script)
        told += ["--script", _SCRIPT]
    elif data.tail == "hybrid":
        told += ["--hybrid"]
    return service.jobs.start("fork", session, told, files)


@reads("/jobs", tag="jobs", summary="The jobs of this server, the newest first")
def find_jobs(service: Service) -> Page[Job]:
    """Those that run and wait, and the last two hundred that are over; all that were started since the server was."""
    return Page(items=tuple(service.jobs.all()))


@reads("/jobs/{job:str}", tag="jobs", summary="How far a job is, and what came of it")
def get_job(service: Service, job: FromPath[str]) -> Job:
    """The live feed tells of each change as the event `job`."""
    return service.jobs.get(job)


@writes("delete", "/jobs/{job:str}", tag="jobs", summary="Cancel a job")
def cancel_job(service: Service, job: FromPath[str]) -> Job:
    """Its processes are ended. A job that is over stays as it is."""
    return service.jobs.cancel(job)


HANDLERS = (replay_session, fork_session, find_jobs, get_job, cancel_job)
