"""Records a run of an unchanged program as a session."""

import hashlib
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from agentreplay.core.environment import keep
from agentreplay.core.launch import Ended, Streams, find_program, launch
from agentreplay.core.live import Life
from agentreplay.core.orders import Orders, hash_seed_of
from agentreplay.core.policy import policy_of, redactor_of
from agentreplay.core.redact_program import clean_arguments, clean_output
from agentreplay.core.starting import vouch
from agentreplay.core.workspace_record import KeptFiles, WorkspaceRecorder, check_workspace
from agentreplay.model.batch import Batch
from agentreplay.model.content import OCTETS, Content, Kept
from agentreplay.model.ids import ProjectId, SpanId, TenantId, TraceId, new_session_id
from agentreplay.model.session import Origin, Program, Session, SessionKey, SessionStatus
from agentreplay.model.span import Span
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.model.values import Value
from agentreplay.playback.tape import CONTENT, ENVIRONMENT, EXIT_CODE, HASH_SEED, SALT, STDERR, STDIN, STDOUT, TERMINALS
from agentreplay.settings import ContentPolicy, Settings
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["CUT", "Recorded", "Wish", "record"]

CUT = "agentreplay.cut"
"""The attribute that names the streams of which only the beginning was kept."""

_GIT_TIMEOUT = 2.0


@dataclass(frozen=True)
class Wish:
    """What the recording shall be."""

    name: str = ""
    agent: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    origin: Origin | None = None
    source: str = "run"
    declared: tuple[str, ...] = ()
    """Patterns of variables of the environment whose values are kept."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables the program is given beside those that are there."""
    salt: str = ""
    """Of the session whose past is shared; otherwise a new one."""
    hash_seed: str = ""
    """As the salt."""
    adds: Callable[[Orders], Orders] = lambda orders: orders
    """Adds to the orders what a fork needs."""
    workspace: Path | None = None
    """A folder whose files are kept."""
    now: Clock = time.time_ns


@dataclass(frozen=True)
class Recorded:
    """What came of it."""

    key: SessionKey
    ended: Ended
    reports: tuple[bytes, ...] = ()
    files: KeptFiles | None = None
    """How the files of the workspace were kept, where there is one."""


def record(
    command: Sequence[str], settings: Settings, wish: Wish, streams: Streams, *, cwd: str | None = None
) -> Recorded:
    """Run the program and record it. Raises ProgramMissing and ValueInvalid, and then nothing was recorded."""
    find_program(command, cwd)
    if wish.workspace is not None:
        check_workspace(wish.workspace)
    root = _Root(settings, wish, Program(argv=tuple(command), cwd=cwd or str(Path.cwd())))
    writer = JournalWriter(settings.recordings, settings.durability)
    life = Life(settings.recordings, root.session(root.started))
    ended = Ended(code=1)
    told: tuple[bytes, ...] = ()
    kept: KeptFiles | None = None
    try:
        writer.append(root.opening())
        with TemporaryDirectory(prefix="agentreplay-") as reports:
            files = root.files(writer, Path(reports))
            orders = root.orders(reports, files.notices if files is not None else "")
            try:
                if files is not None:
                    files.begin(root.started)
                variables = {**_place_of(settings), **wish.variables}
                ended = launch(command, wish.adds(orders), streams, cwd=cwd, variables=variables)
            finally:
                kept = files.finish() if files is not None else None
            told = tuple(path.read_bytes() for path in sorted(Path(reports).glob("*.report")))
    finally:
        writer.append(root.closing(ended))
        writer.close()
        life.end()
    return Recorded(root.key, ended, told, kept)


def _place_of(settings: Settings) -> dict[str, str]:
    """What makes the facts and memories of the program those of the recording, wherever the command line put it."""
    return {
        "AGENTREPLAY_DB": str(settings.db_path.absolute()),
        "AGENTREPLAY_TENANT": settings.tenant,
        "AGENTREPLAY_PROJECT": settings.project,
    }


class _Root:
    """The session and its outermost span."""

    def __init__(self, settings: Settings, wish: Wish, program: Program) -> None:
        self._settings = settings
        self._wish = wish
        self.started = Nanoseconds(wish.now())
        session = new_session_id(self.started, secrets.token_bytes(10))
        self.key = SessionKey(TenantId(settings.tenant), ProjectId(settings.project), session)
        self._trace_id = TraceId(secrets.token_hex(16))
        self._span_id = SpanId(secrets.token_hex(8))
        self._salt = wish.salt or secrets.token_hex(16)
        self._hash_seed = wish.hash_seed or _chosen_hash_seed() or hash_seed_of(self._salt)
        self._content: ContentPolicy = policy_of(settings, settings.project)
        self._redactor = redactor_of(settings, bytes.fromhex(self._salt), self._content)
        self._program = msgspec.structs.replace(
            program,
            argv=clean_arguments(self._redactor, program.argv),
            commit=_git(program.cwd, "rev-parse", "HEAD"),
        )
        environment = keep(self._redactor, {**os.environ, **wish.variables}, wish.declared)
        vouch(settings.db_path, session, self._program, environment)
        self._name = self._redactor.word(wish.name) or self._program.title
        self._attributes: dict[str, Value] = {
            SALT: self._salt,
            HASH_SEED: self._hash_seed,
            ENVIRONMENT: environment,
        }
        if self._content != "redacted":
            self._attributes[CONTENT] = self._content
        # As they are when the program starts: it may well change its own folder.
        if changes := _git(program.cwd, "diff", "HEAD"):
            self._attributes["agentreplay.uncommitted"] = hashlib.sha256(changes.encode()).hexdigest()

    def files(self, writer: JournalWriter, reports: Path) -> WorkspaceRecorder | None:
        folder = self._wish.workspace
        if folder is None:
            return None
        return WorkspaceRecorder(
            folder,
            self._redactor,
            self._below,
            writer.append,
            apart=(self._settings.db_path, self._settings.recordings),
            board=reports / "notices",
        )

    def orders(self, reports: str, notices: str) -> Orders:
        return Orders(
            db_path=str(self._settings.recordings.absolute()),
            tenant=self.key.tenant,
            project=self.key.project,
            session=self.key.session,
            trace_id=self._trace_id,
            parent=self._span_id,
            reports=reports,
            salt=self._salt,
            hash_seed=self._hash_seed,
            durability=self._settings.durability,
            content=self._content,
            notices=notices,
        )

    def session(self, revision: Nanoseconds, status: SessionStatus | None = None) -> Session:
        wish = self._wish
        return Session(
            tenant=self.key.tenant,
            project=self.key.project,
            id=self.key.session,
            revision=revision,
            name=self._name,
            agent=wish.agent,
            status=status,
            source=wish.source,
            started=self.started,
            ended=None if status is None else revision,
            program=self._program,
            labels={key: self._redactor.word(value, key) for key, value in wish.labels.items()},
            origin=wish.origin,
        )

    def opening(self) -> Batch:
        return Batch(sessions=(self.session(self.started),), spans=(self._span(),))

    def closing(self, ended: Ended) -> Batch:
        now = Nanoseconds(max(self._wish.now(), self.started))
        streams = ((STDIN, ended.stdin), (STDOUT, ended.stdout), (STDERR, ended.stderr))
        contents = [
            (role, Content.of(clean_output(self._redactor, data, is_cut=role in ended.cut), OCTETS))
            for role, data in streams
            if data is not None
        ]
        attributes: dict[str, Value] = {EXIT_CODE: ended.code}
        if ended.terminals:
            attributes[TERMINALS] = {name: list(size) for name, size in ended.terminals.items()}
        if ended.cut:
            attributes[CUT] = list(ended.cut)
        span = msgspec.structs.replace(
            self._span(),
            end=now,
            status="ok" if ended.code == 0 else "error",
            status_message="" if ended.code == 0 else f"exit code {ended.code}",
            attributes={**self._attributes, **attributes},
            kept=tuple(Kept(role=role, hash=content.hash) for role, content in contents),
        )
        status: SessionStatus = "completed" if ended.code == 0 else "interrupted" if ended.signal else "failed"
        return Batch(
            sessions=(self.session(now, status),), spans=(span,), contents=tuple(content for _, content in contents)
        )

    def _below(self, **fields: Any) -> Span:
        """A span right below the outermost one."""
        return Span(
            tenant=self.key.tenant,
            project=self.key.project,
            session=self.key.session,
            trace_id=self._trace_id,
            span_id=SpanId(secrets.token_hex(8)),
            parent_id=self._span_id,
            **fields,
        )

    def _span(self) -> Span:
        return Span(
            tenant=self.key.tenant,
            project=self.key.project,
            session=self.key.session,
            trace_id=self._trace_id,
            span_id=self._span_id,
            kind="session",
            name=self._name,
            start=self.started,
            agent=self._wish.agent,
            attributes=self._attributes,
        )


def _chosen_hash_seed() -> str:
    """The seed the user chose. `random` is what a new salt gives as well."""
    chosen = os.environ.get("PYTHONHASHSEED", "")
    return chosen if chosen.isdecimal() else ""


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
