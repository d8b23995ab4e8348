"""Replays, forks and checks of stored sessions, as jobs; docs/jobs.md."""

from agentreplay.core import sessions
from agentreplay.model.page import Page
from agentreplay.model.session import SessionKey
from agentreplay.server.asking import Place
from agentreplay.server.jobs import Job
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service
from agentreplay.server.wishes import CheckWish, ForkWish, ReplayWish

__all__ = ["HANDLERS", "cancel_job", "check_sessions", "find_jobs", "fork_session", "get_job", "replay_session"]


@writes("POST", "/sessions/{session_id}/replay", tag="jobs", summary="Replay a session")
def replay_session(service: Service, session: SessionKey, data: ReplayWish) -> Job:
    """The recorded program is run again, on the machine of the server, from its tape. The job says how it came out."""
    sessions.get(service.store.sessions, session)
    return data.start(service.jobs, session)


@writes("POST", "/sessions/{session_id}/fork", tag="jobs", summary="Fork a session")
def fork_session(service: Service, session: SessionKey, data: ForkWish) -> Job:
    """The recorded program is run again, on the machine of the server, with one step changed; a new session is made."""
    sessions.get(service.store.sessions, session)
    return data.start(service.jobs, session)


@writes("POST", "/check", tag="jobs", summary="Replay many sessions")
def check_sessions(service: Service, place: Place, data: CheckWish) -> Job:
    """Every recorded program of the project is run again, on the machine of the server, from its tape.

    The job says of each session how it came out.
    """
    return data.start(service.jobs, place.tenant, place.one, service.now)


@reads("/jobs", tag="jobs", summary="The jobs of this server, the newest first")
def find_jobs(service: Service) -> Page[Job]:
    """Those that run and wait, and the last two hundred that are over; all that were started since the server was."""
    return Page(items=tuple(service.jobs.all()))


@reads("/jobs/{job}", tag="jobs", summary="How far a job is, and what came of it")
def get_job(service: Service, job: str) -> Job:
    """The live feed tells of each change as the event `job`."""
    return service.jobs.get(job)


@writes("DELETE", "/jobs/{job}", tag="jobs", summary="Cancel a job")
def cancel_job(service: Service, job: str) -> Job:
    """Its processes are ended. A job that is over stays as it is."""
    return service.jobs.cancel(job)


HANDLERS = (replay_session, fork_session, check_sessions, find_jobs, get_job, cancel_job)
