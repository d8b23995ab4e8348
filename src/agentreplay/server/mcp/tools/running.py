"""Replays and forks for other agents: they run the recorded program, as jobs do."""

import time
from typing import Annotated, Any, Literal

from msgspec import Meta

from agentreplay.server.jobs import Job
from agentreplay.server.mcp.arguments import Project, SessionName
from agentreplay.server.mcp.brief import seconds, without_nothing
from agentreplay.server.mcp.fitting import Listing
from agentreplay.server.mcp.reach import Reach
from agentreplay.server.wishes import ForkWish, ReplayWish

__all__ = ["fork_session", "get_job", "replay_session"]

_EVERY = 0.05
_Wait = Annotated[
    int, Meta(ge=0, le=300, description="Wait so many seconds for the end; after that get_job asks how it went.")
]


def replay_session(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    session: SessionName,
    on_divergence: Annotated[
        Literal["stop", "serve", "live"], Meta(description="What to do where the program asks for something else.")
    ] = "stop",
    speed: Annotated[Literal["instant", "recorded"], Meta(description="How fast to answer it.")] = "instant",
    wait: _Wait = 50,
    project: Project = None,
) -> Listing:
    """Run the recorded program again on this machine, offline, and say whether it came out the same.

    The verdict is identical, drift, or diverged with the first call that differs and why.
    """
    wish = ReplayWish(on_divergence=on_divergence, speed=speed)
    return _told(reach, wish.start(reach.jobs, reach.session_key(session, project)), wait)


def fork_session(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    session: SessionName,
    at: Annotated[int | Literal["last"], Meta(description="The step of the call to change.")],
    patches: Annotated[
        dict[str, Any],
        Meta(description='What is otherwise in that call, as {"result.ships": "Monday"} or {"model": "x"}.'),
    ] = {},  # noqa: B006  # msgspec copies it
    tail: Annotated[
        Literal["live", "hybrid", "script"],
        Meta(description="What answers behind it: the world, the tape where it still fits, or the script."),
    ] = "live",
    script: Annotated[list[Any], Meta(description="What models answer, with the tail script.")] = [],  # noqa: B006
    wait: _Wait = 50,
    project: Project = None,
) -> Listing:
    """Run the recorded program again with one step changed, as a new session. Behind the step calls may be live."""
    wish = ForkWish(at=at, patches=patches, tail=tail, script=script)
    return _told(reach, wish.start(reach.jobs, reach.session_key(session, project)), wait)


def get_job(
    reach: Reach,
    job: Annotated[str, Meta(description="Its id, as replay_session and fork_session told.")],
    wait: _Wait = 50,
) -> Listing:
    """Ask how far a replay or a fork is, and what came of it."""
    return _told(reach, reach.jobs.get(job), wait)


def _told(reach: Reach, job: Job, wait: int) -> Listing:
    until = time.monotonic() + wait
    while not job.is_over and time.monotonic() < until:
        time.sleep(_EVERY)
        job = reach.jobs.get(job.id)
    head = without_nothing({
        "job": job.id,
        "what": job.kind,
        "session": job.session,
        "status": job.status,
        "seconds": None if job.started is None else seconds((job.ended or reach.now()) - job.started),
        "progress": job.progress,
        "result": job.result,
        "exit_code": job.exit_code,
        "said": job.said if job.status != "completed" else None,
    })  # fmt: skip
    return Listing(head)
