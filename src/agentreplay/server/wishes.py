"""Wishes: how a session is to be replayed or forked, as whoever asks for a job says it."""

import json
from typing import Any, Literal

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.session import SessionKey
from agentreplay.server.jobs import Job, Jobs

__all__ = ["ForkWish", "ReplayWish"]

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

    at: int | str
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
