"""Replays through the gateway: begun here, asked for below `/gateway/replay/`, and judged here."""

from typing import Any

import msgspec

from agentreplay.server.gateway.arrived import GATEWAY
from agentreplay.server.gateway.playing import Manner, OnDivergence
from agentreplay.server.gateway.replays import KEPT_SECONDS, Replay
from agentreplay.server.routing import answers
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "Begun", "Wanted", "replay_begin", "replay_verdict"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to replay, and how."""

    session: str
    """Its id, or the beginning of it."""
    project: str = ""
    on_divergence: OnDivergence = "stop"
    at: str = ""
    """The step a fork begins at, or `last`; left out, nothing goes its own way."""
    patches: tuple[str, ...] = ()
    """What is otherwise at that step, each as `PATH=VALUE`."""
    at_recorded_speed: bool = False


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A replay that began."""

    token: str
    session: str
    calls: int
    """How many calls can be served."""
    bases: dict[str, str]
    """For each upstream the path that an agent is given behind the address of this server."""
    verdict: str
    """Where the verdict is asked for."""
    idle_seconds: float
    """So long it is kept that nobody asks."""


@answers("POST", "/api/v1/gateway/replays", tag="gateway", summary="Begin to replay or to fork a session", status=201)
async def replay_begin(service: Service, data: Wanted) -> Begun:
    """Whoever asks through the gateway with this token is served what was recorded."""
    manner = Manner(data.on_divergence, data.at, data.patches, data.at_recorded_speed)
    replay = await service.gateway.replays.begin(data.project, data.session, manner)
    upstreams = service.gateway.upstreams
    return Begun(
        token=replay.token,
        session=replay.playing.key.session,
        calls=len(replay.playing.tape.calls),
        bases={name: f"{GATEWAY}replay/{replay.token}/{one.mount}" for name, one in upstreams.items()},
        verdict=f"/api/v1/gateway/replays/{replay.token}/verdict",
        idle_seconds=KEPT_SECONDS,
    )


@answers("GET", "/api/v1/gateway/replays/{token}/verdict", tag="gateway", summary="How a replay has come out so far")
async def replay_verdict(service: Service, token: str) -> dict[str, Any]:
    """Calls that were not asked for yet count as missing. Of a fork, the session it is recorded in is told too."""
    replay = service.gateway.replays.get(token)
    verdict = replay.playing.verdict()
    return {**msgspec.to_builtins(verdict), "exit_code": verdict.exit_code, "fork": _fork(replay)}


def _fork(replay: Replay) -> str | None:
    return None if replay.forked is None else replay.forked.key.session


HANDLERS = (replay_begin, replay_verdict)
