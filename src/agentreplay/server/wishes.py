"""Wishes: how sessions are to be replayed, forked or checked, as whoever asks for a job says it."""

import json
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from agentreplay.core.inputs import parse_moment
from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.model.time import Clock
from agentreplay.server.asking import Ordinal
from agentreplay.server.jobs import Job, Jobs

__all__ = ["CheckWish", "ForkWish", "ReplayWish"]

_PATCHES, _SCRIPT = "patches.json", "script.json"


class ReplayWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to replay."""

    on_divergence: Literal["stop", "serve", "live"] = "stop"
    speed: Literal["instant", "recorded"] = "instant"

    def start(self, jobs: Jobs, session: SessionKey) -> Job:
        """Have the session replayed. Raises JobsForbidden and JobsTooMany."""
        return jobs.start("replay", session, ["--on-divergence", self.on_divergence, "--speed", self.speed], {})


class ForkWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change, and how to go on."""

    at: Ordinal | str
    """The step of the call to change, `last`, or the name of a checkpoint: then the first call behind it."""
    patches: dict[str, Any] = {}
    """Paths and values, as in the file that `agentreplay fork --patch` takes."""
    tail: Literal["live", "hybrid", "script"] = "live"
    script: list[Any] = []
    """What models answer behind the step, with the tail `script`."""

    def start(self, jobs: Jobs, session: SessionKey) -> Job:
        """Have the session forked. Raises ValueInvalid where the wish makes no sense, and as ReplayWish does."""
        told, files = [f"--at={self.at}"], dict[str, str]()
        if self.patches:
            files[_PATCHES] = json.dumps(self.patches)
            told += ["--patch", _PATCHES]
        if bool(self.script) != (self.tail == "script"):
            raise ValueInvalid(what="the script", problem="it goes with the tail `script`, and that with it")
        if self.script:
            files[_SCRIPT] = json.dumps(self.script)
            told += ["--script", _SCRIPT]
        elif self.tail == "hybrid":
            told += ["--hybrid"]
        return jobs.start("fork", session, told, files)


class CheckWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sessions to replay, and how."""

    labels: dict[str, str] = {}
    """All of which a session must have."""
    since: str | None = None
    """Started then or later: 2h, 7d, today, 2026-03-31T14:00Z, or nanoseconds."""
    until: str | None = None
    """Started before then."""
    sample: Annotated[int, Meta(ge=1, le=1_000)] = 100
    """So many at most, the same ones every time."""
    at_once: Annotated[int, Meta(ge=1, le=16)] = 1
    """So many at a time."""
    on_divergence: Literal["stop", "serve", "live"] = "stop"
    patience: Annotated[float, Meta(ge=0.1, le=600)] = 60
    """Seconds after which a program that has not ended is ended, and is said to hang."""

    def start(self, jobs: Jobs, tenant: TenantId, project: ProjectId, now: Clock) -> Job:
        """Have the sessions of a project replayed. Raises ValueInvalid for a wrong time, and as ReplayWish does."""
        told = [f"--label={key}={value}" for key, value in self.labels.items()]
        for name, text in (("since", self.since), ("until", self.until)):
            told += [] if text is None else [f"--{name}={_moment(name, text, now)}"]
        told += ["--sample", str(self.sample), "--jobs", str(self.at_once)]
        told += ["--on-divergence", self.on_divergence, "--timeout", str(self.patience)]
        return jobs.start("check", SessionKey(tenant, project, SessionId("")), told, {})


def _moment(name: str, text: str, now: Clock) -> int:
    try:
        return parse_moment(text, now)
    except ValueError as error:
        raise ValueInvalid(what=name, problem=str(error)) from error
