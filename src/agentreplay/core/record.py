"""Records a run of an unchanged program as a session."""

import hashlib
import secrets
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from agentreplay.core.environment import keep
from agentreplay.core.launch import Ended, Streams, launch
from agentreplay.core.live import Life
from agentreplay.core.orders import Orders
from agentreplay.model.batch import Batch
from agentreplay.model.content import OCTETS, Content, Kept
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId, new_session_id
from agentreplay.model.session import Origin, Program, Session, SessionKey, SessionStatus
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.tape import ENVIRONMENT, EXIT_CODE, SALT, STDERR, STDIN, STDOUT
from agentreplay.settings import Settings
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["Recorded", "Wish", "record"]

_GIT_TIMEOUT = 2.0


@dataclass(frozen=True)
class Wish:
    """How the session shall be called."""

    name: str = ""
    agent: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    origin: Origin | None = None
    source: str = "run"
    declared: tuple[str, ...] = ()
    """Patterns of variables of the environment whose values are kept."""


@dataclass(frozen=True)
class Recorded:
    """What came of it."""

    key: SessionKey
    ended: Ended
    reports: tuple[bytes, ...] = ()


def record(
    command: Sequence[str],
    settings: Settings,
    wish: Wish,
    streams: Streams,
    *,
    given: Callable[[Orders], Orders] = lambda orders: orders,
    cwd: str | None = None,
    variables: Mapping[str, str] | None = None,
    salt: str = "",
    now: Callable[[], int] = time.time_ns,
) -> Recorded:
    """Run the program and record it. `given` adds to the orders of its processes what a fork needs."""
    started = Nanoseconds(now())
    key = SessionKey(
        TenantId(settings.tenant), ProjectId(settings.project), new_session_id(started, secrets.token_bytes(10))
    )
    root = _Root(key, wish, command, cwd or str(Path.cwd()), started, salt or secrets.token_hex(16))
    writer = JournalWriter(settings.recordings, settings.durability)
    writer.append(root.opening())
    life = Life(settings.recordings, root.session(started))
    try:
        with TemporaryDirectory(prefix="agentreplay-") as reports:
            orders = given(root.orders(settings, reports))
            ended = launch(command, orders, streams, cwd=cwd, variables=variables)
            told = tuple(path.read_bytes() for path in sorted(Path(reports).glob("*.report")))
    except BaseException:
        writer.append(root.closing(Ended(code=1), Nanoseconds(now()), "failed"))
        life.end()
        raise
    status: SessionStatus = "completed" if ended.code == 0 else "interrupted" if ended.signal else "failed"
    writer.append(root.closing(ended, Nanoseconds(now()), status))
    writer.close()
    life.end()
    return Recorded(key, ended, told)


class _Root:
    """The session and its outermost span."""

    def __init__(
        self, key: SessionKey, wish: Wish, command: Sequence[str], cwd: str, started: Nanoseconds, salt: str
    ) -> None:
        self._key = key
        self._wish = wish
        self._command = tuple(command)
        self._cwd = cwd
        self._started = started
        self._salt = salt
        self._trace_id = TraceId(secrets.token_hex(16))
        self._span_id = SpanId(secrets.token_hex(8))
        self._program = Program(argv=self._command, cwd=cwd, commit=_git(cwd, "rev-parse", "HEAD"))

    def orders(self, settings: Settings, reports: str) -> Orders:
        return Orders(
            db_path=str(settings.recordings.absolute()),
            tenant=self._key.tenant,
            project=self._key.project,
            session=self._key.session,
            trace_id=self._trace_id,
            parent=self._span_id,
            reports=reports,
            salt=self._salt,
            durability=settings.durability,
        )

    def session(self, revision: Nanoseconds, status: SessionStatus | None = None) -> Session:
        wish = self._wish
        return Session(
            tenant=self._key.tenant,
            project=self._key.project,
            id=SessionId(self._key.session),
            revision=revision,
            name=wish.name or " ".join(self._command)[:120],
            agent=wish.agent,
            status=status,
            source=wish.source,
            started=self._started,
            ended=None if status is None else revision,
            program=self._program,
            labels=dict(wish.labels),
            origin=wish.origin,
        )

    def opening(self) -> Batch:
        return Batch(sessions=(self.session(self._started),), spans=(self._span(),))

    def closing(self, ended: Ended, at: Nanoseconds, status: SessionStatus) -> Batch:
        streams = ((STDIN, ended.stdin), (STDOUT, ended.stdout), (STDERR, ended.stderr))
        contents = [(role, Content.of(data, OCTETS)) for role, data in streams if data is not None]
        opened = self._span()
        span = msgspec.structs.replace(
            opened,
            end=at,
            status="ok" if ended.code == 0 else "error",
            status_message="" if ended.code == 0 else f"exit code {ended.code}",
            attributes={**opened.attributes, EXIT_CODE: ended.code},
            kept=tuple(Kept(role=role, hash=content.hash) for role, content in contents),
        )
        return Batch(
            sessions=(self.session(at, status),), spans=(span,), contents=tuple(content for _, content in contents)
        )

    def _span(self) -> Span:
        attributes: dict[str, Value] = {SALT: self._salt, ENVIRONMENT: keep(declared=self._wish.declared)}
        changes = _git(self._cwd, "diff", "HEAD")
        if changes:
            attributes["agentreplay.uncommitted"] = hashlib.sha256(changes.encode()).hexdigest()
        return Span(
            tenant=self._key.tenant,
            project=self._key.project,
            session=self._key.session,
            trace_id=self._trace_id,
            span_id=self._span_id,
            kind="session",
            name=self._wish.name or " ".join(self._command)[:120],
            start=self._started,
            agent=self._wish.agent,
            attributes=attributes,
        )


def _git(cwd: str, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  # no part of it comes from outside
            ["git", *arguments],  # noqa: S607  # the user's own git is meant
            cwd=cwd,
            capture_output=True,
            timeout=_GIT_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
