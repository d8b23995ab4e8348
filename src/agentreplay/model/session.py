"""One recording: a program run, a conversation, a coding session; and what all its spans add up to."""

from pathlib import PurePath
from typing import Literal, NamedTuple

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.ids import USUAL_NAMES, ProjectId, SessionId, TenantId, check_name
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import spelled_out

__all__ = [
    "SESSION_STATUSES",
    "Origin",
    "Program",
    "Session",
    "SessionKey",
    "SessionRow",
    "SessionStatus",
    "Summary",
]

_LONGEST_TITLE = 120

SessionStatus = Literal["running", "completed", "failed", "interrupted"]
SESSION_STATUSES: tuple[SessionStatus, ...] = ("running", "completed", "failed", "interrupted")
_LEAST = -(1 << 63)
_MOST = (1 << 63) - 1


class SessionKey(NamedTuple):
    """What names a session everywhere."""

    tenant: TenantId
    project: ProjectId
    session: SessionId


class Program(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The program that was recorded, as far as it is needed to run it again."""

    argv: tuple[str, ...] = ()
    cwd: str = ""
    versions: dict[str, str] = {}
    commit: str = ""

    @property
    def title(self) -> str:
        """The command as one says it: what is named with the folder it lies in, by its name alone."""
        return " ".join(_said(PurePath(word)) or word for word in self.argv)[:_LONGEST_TITLE]


def _said(path: PurePath) -> str:
    return path.name if path.is_absolute() else ""


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Where a fork began: the session and the step in it."""

    session: SessionId
    seq: int


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a writer says of a session. Of several tellings the one with the highest revision counts."""

    tenant: TenantId
    project: ProjectId
    id: SessionId
    revision: int = 0
    """Grows with each telling by the same writer; its clock will do."""
    name: str = ""
    agent: str | None = None
    status: SessionStatus | None = None
    """None: derived from the spans. `running` while one is open, else `failed` or `completed` by the roots."""
    source: str = ""
    started: Nanoseconds | None = None
    """None: the start of the first span."""
    ended: Nanoseconds | None = None
    silent_since: Nanoseconds | None = None
    """Nothing was heard after this time for so long that what is open then will hardly ever be closed."""
    program: Program | None = None
    labels: dict[str, str] = {}
    origin: Origin | None = None

    def __post_init__(self) -> None:
        # This runs for every session read back, so what is usual is checked first.
        tenant, project, key = self.tenant, self.project, self.id
        if (
            not (tenant.isalnum() and project.isalnum() and key.isalnum())
            or len(tenant) + len(project) + len(key) > USUAL_NAMES
        ):
            for name in (tenant, project, key):
                check_name(name, "a tenant, a project or a session id")
        # All together are negative if one of them is, and have as many bits as the longest.
        if not 0 <= self.revision | (self.started or 0) | (self.ended or 0) <= _MOST:
            self._check_numbers()
        if self.status is not None and self.status not in SESSION_STATUSES:
            raise ValueInvalid(
                what="the status of a session", problem=f"{self.status!r} is none of {', '.join(SESSION_STATUSES)}"
            )
        if not f"{self.name}{self.agent}{self.source}".isascii():
            self._spell_out_surrogates()
        for label, value in self.labels.items():
            if not (label.isascii() and value.isascii()):
                labels = {spelled_out(key): spelled_out(value) for key, value in self.labels.items()}
                msgspec.structs.force_setattr(self, "labels", labels)
                break

    def _check_numbers(self) -> None:
        for number in (self.revision, self.started or 0, self.ended or 0):
            if not _LEAST <= number <= _MOST:
                raise ValueInvalid(what="a session", problem="its revision or its times do not fit 64 bits")

    def _spell_out_surrogates(self) -> None:
        for field in ("name", "agent", "source"):
            text = getattr(self, field)
            if text is not None:
                msgspec.structs.force_setattr(self, field, spelled_out(text))

    @property
    def key(self) -> SessionKey:
        """What names this session."""
        return SessionKey(self.tenant, self.project, self.id)


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the spans of a session add up to, exact after every append."""

    spans: int = 0
    open: int = 0
    errors: int = 0
    iterations: int = 0
    """The highest iteration any span names."""
    first: Nanoseconds | None = None
    last: Nanoseconds | None = None
    """The latest time any span tells of: an end, or the start of an open one."""
    usage: Usage = NO_USAGE
    cost: NanoDollars = NanoDollars(0)
    kinds: dict[str, int] = {}
    """Spans by kind; likewise by tool, model and agent below."""
    tools: dict[str, int] = {}
    models: dict[str, int] = {}
    agents: dict[str, int] = {}
    model_usage: dict[str, Usage] = {}
    root_errors: int = 0

    @property
    def duration(self) -> Nanoseconds:
        """From the first start to the last end."""
        if self.first is None or self.last is None:
            return Nanoseconds(0)
        return Nanoseconds(max(0, self.last - self.first))


class SessionRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A session with its summary, as lists show it. Status, start and end are filled in."""

    session: Session
    summary: Summary

    @property
    def status(self) -> SessionStatus:
        """What the writer said, or what the spans say."""
        if self.session.status is not None:
            return self.session.status
        silent = self.session.silent_since
        if self.summary.open or not self.summary.spans:
            return "running" if silent is None or (self.summary.last or 0) > silent else "interrupted"
        return "failed" if self.summary.root_errors else "completed"

    @property
    def started(self) -> Nanoseconds:
        """When it began."""
        told, seen = self.session.started, self.summary.first
        return told if told is not None else seen if seen is not None else Nanoseconds(0)

    @property
    def ended(self) -> Nanoseconds | None:
        """When it ended, or None while it runs."""
        if self.session.ended is not None:
            return self.session.ended
        return None if self.status == "running" else self.summary.last
