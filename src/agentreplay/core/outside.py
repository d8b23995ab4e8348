"""Programs in any language, recorded by what they ask through the gateway: where they ask, and who they were."""

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from agentreplay.core.policy import policy_of, redactor_of
from agentreplay.core.redact_program import clean_arguments
from agentreplay.model.ids import ProjectId, SessionId, TenantId, new_session_id
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import Program, Session, SessionKey
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = [
    "AGENT_SESSION",
    "SOURCE",
    "VARIABLES",
    "asks_elsewhere",
    "is_known",
    "linked",
    "new_session",
    "same_run",
    "telling",
    "variables_of",
]

SOURCE = "gateway"
"""What sessions that came through the gateway name as their source."""

AGENT_SESSION = "agent_session"
"""The attribute, and the label, that names the session in which the agent itself tells of the same run."""

VARIABLES = {
    "ANTHROPIC_BASE_URL": "anthropic",
    "OPENAI_BASE_URL": "openai",
    "OPENAI_API_BASE": "openai",
    "GOOGLE_GEMINI_BASE_URL": "gemini",
}
"""By which variable a program is told where a provider is, and the name of that provider in the gateway."""

_KNOWN = {
    "claude": "claude-code",
    "codex": "codex",
    "crush": "crush",
    "gemini": "gemini",
    "goose": "goose",
    "opencode": "opencode",
}
"""Programs that are no Python, with the names of the agents they are."""
_LOCAL = "127.0.0.1,localhost"


def is_known(command: Sequence[str]) -> bool:
    """Whether the program is a coding agent that nothing but the gateway can record."""
    return _program(command) in _KNOWN


def new_session(now: Clock) -> SessionId:
    """An id for a session that is about to begin."""
    return new_session_id(Nanoseconds(now()), secrets.token_bytes(10))


def variables_of(bases: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """What makes a program ask the gateway; `bases` has the address of each provider there."""
    told = {name: bases[provider] for name, provider in VARIABLES.items() if provider in bases}
    for name in ("NO_PROXY", "no_proxy"):
        # What goes to this machine goes through no proxy.
        before = environment.get(name, "")
        told[name] = f"{before},{_LOCAL}" if before else _LOCAL
    return told


def asks_elsewhere(environment: Mapping[str, str]) -> list[str]:
    """Upstreams, as `name=URL`, that the environment names in place of those everybody asks."""
    found = {provider: url for name, provider in VARIABLES.items() if (url := environment.get(name))}
    return [f"{provider}={url}" for provider, url in found.items()]


def linked(store: Store, told: Session) -> Session:
    """The session with a label that names the agent's own, where its outermost span knows of one."""
    for row in store.spans.read(SessionKey(told.tenant, told.project, told.id), 1, 1):
        root = store.spans.get(row.key)
        theirs = None if root is None else root.attributes.get(AGENT_SESSION)
        if isinstance(theirs, str):
            return replace(told, labels={**told.labels, AGENT_SESSION: theirs})
    return told


def same_run(store: Store, session: Session) -> list[SessionId]:
    """The other sessions that tell of the same run: the agent's own, or those that were recorded around it."""
    where = SessionFilter(tenant=session.tenant, project=session.project, label=(AGENT_SESSION, session.id))
    theirs = session.labels.get(AGENT_SESSION)
    own = [] if theirs is None else [SessionId(theirs)]
    return [*own, *(row.session.id for row in store.sessions.find(where).items)]


def telling(
    settings: Settings, session: SessionId, command: Sequence[str], wanted: Session | None, now: Clock
) -> Session:
    """What is told of a session whose program has ended; `wanted` has a name, an agent and labels it was given."""
    project = ProjectId(settings.project)
    redactor = redactor_of(settings, session.encode(), policy_of(settings, project))
    program = Program(argv=clean_arguments(redactor, tuple(command)), cwd=str(Path.cwd()))
    return Session(
        tenant=TenantId(settings.tenant),
        project=project,
        id=session,
        revision=now(),
        name=(wanted and redactor.word(wanted.name)) or program.title,
        agent=(wanted and wanted.agent) or _KNOWN.get(_program(command)),
        source=SOURCE,
        program=program,
        labels={} if wanted is None else wanted.labels,
    )


def _program(command: Sequence[str]) -> str:
    name = os.path.basename(command[0])  # noqa: PTH119  # of a path that need not be one of this system
    return name.removesuffix(".exe").removesuffix(".cmd") if sys.platform == "win32" else name
