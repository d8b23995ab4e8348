"""Replays a session: runs its program again, serves it the tape, and judges how it came out."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from agentreplay.core.counting import Told, watched
from agentreplay.core.environment import restored
from agentreplay.core.launch import Ended, Streams, launch
from agentreplay.core.orders import Orders
from agentreplay.core.policy import redactor_of
from agentreplay.core.redact import Redactor
from agentreplay.core.redact_program import as_recorded
from agentreplay.core.starting import is_vouched, start_of
from agentreplay.core.transfer import export_tape
from agentreplay.model.ids import SpanId, TraceId
from agentreplay.model.session import SessionKey
from agentreplay.playback.player import OnDivergence
from agentreplay.playback.tape import STDERR, STDOUT, Outputs, Tape, read_tape
from agentreplay.playback.verdict import Report, Verdict, hung, judge
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Manner", "Played", "play", "read_reports", "replay", "streams_of"]


@dataclass(frozen=True)
class Manner:
    """How to replay."""

    on_divergence: OnDivergence = "stop"
    at_recorded_speed: bool = False
    allow: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    """Another command line than the recorded one."""
    cwd: str = ""
    """Another folder than the recorded one."""
    patience: float | None = None
    """Seconds after which a program that has not ended is taken to hang, and is ended."""
    is_quiet: bool = True
    """Whether the program's output is kept from the terminal."""
    home: Path | None = None
    """The data folder that tells which recordings may run what they say; by default that of the settings."""
    is_trusted: bool = False
    """Whether whoever gives the recording answers for what it says."""


@dataclass(frozen=True)
class Played:
    """What a run of the program from its tape came to."""

    tape: Tape
    ended: Ended
    reports: tuple[Report, ...]

    redactor: Redactor = field(default_factory=Redactor)

    @cached_property
    def outputs(self) -> Outputs:
        """What the program put out, as it would have been kept."""
        recorded, ended = self.tape.outputs, self.ended
        return Outputs(
            stdout=as_recorded(self.redactor, recorded.stdout, ended.stdout, is_cut=STDOUT in ended.cut),
            stderr=as_recorded(self.redactor, recorded.stderr, ended.stderr, is_cut=STDERR in ended.cut),
            exit_code=ended.code,
        )

    @property
    def verdict(self) -> Verdict:
        """How it came out."""
        verdict = judge(self.tape, self.reports, self.outputs)
        if self.ended.has_hung:
            return hung(verdict)
        why, ended = self._why_unreplayable(), self.ended
        if ended.code != self.tape.outputs.exit_code and ended.stderr.strip():
            last_words = ended.stderr.decode("utf-8", "replace").strip().splitlines()[-1]
            verdict = msgspec.structs.replace(
                verdict, notes=(*verdict.notes, f"its last words were {last_words[:200]!r}")
            )
        if why and verdict.status != "diverged":
            return msgspec.structs.replace(verdict, status="unreplayable", why=why)
        return verdict

    def _why_unreplayable(self) -> str:
        ended = self.ended
        if ended.missing:
            return f"the program's Python cannot import agentreplay: {ended.missing}"
        if not ended.processes:
            return "the program never started a Python that could be served"
        if len(self.reports) < ended.processes:
            return f"{ended.processes - len(self.reports)} of its processes ended without a report"
        return ""


def replay(store: Store, key: SessionKey, manner: Manner, tell: Told | None = None) -> Verdict:
    """Run the program again from its recording, with no connection, and say how it came out.

    `tell` is called with the calls that were made and those there are, while it runs.
    """
    return play(store, key, manner, tell).verdict


def play(store: Store, key: SessionKey, manner: Manner, tell: Told | None = None) -> Played:
    """Run the program again from its recording, and say all that it met."""
    tape = read_tape(store, key)
    is_ours = manner.is_trusted or is_vouched(manner.home or Settings.read().db_path, tape.session, tape.environment)
    is_offline = manner.on_divergence in {"stop", "serve"}
    start = start_of(tape, manner.command, is_ours=is_ours, is_offline=is_offline)
    with TemporaryDirectory(prefix="agentreplay-") as folder:
        file = Path(folder) / "session.tape"
        export_tape(store, key, file)
        reports = Path(folder) / "reports"
        reports.mkdir()
        orders = Orders(
            db_path="",
            tenant=key.tenant,
            project=key.project,
            session=key.session,
            trace_id=TraceId(secrets.token_hex(16)),
            parent=SpanId(secrets.token_hex(8)),
            reports=str(reports),
            salt=tape.salt.hex(),
            hash_seed=tape.hash_seed,
            content=tape.content,
            records=False,
            tape=str(file),
            on_divergence=manner.on_divergence,
            at_recorded_speed=manner.at_recorded_speed,
            allow=manner.allow,
            counts_calls=tell is not None,
        )
        streams = streams_of(tape, Streams() if manner.is_quiet else Streams(stdout=1, stderr=2))
        with watched(reports, tape, tell):
            ended = launch(
                start.argv,
                orders,
                streams,
                cwd=manner.cwd or start.folder,
                variables=restored(start.environment, prefers_today=False),
                patience=manner.patience,
            )
        found = (path.read_bytes() for path in sorted(reports.glob("*.report")))
        return Played(tape, ended, tuple(read_reports(found)), redactor_of(Settings.read(), tape.salt, tape.content))


def streams_of(tape: Tape, streams: Streams) -> Streams:
    """The streams of a program that is run again: it is fed what it read, and meets terminals where it met some."""
    return Streams(tape.stdin or b"", streams.stdout, streams.stderr, tape.terminals)


def read_reports(found: Iterable[bytes]) -> Iterator[Report]:
    """The reports of the processes; one that was killed while it wrote its own has none."""
    for data in found:
        with suppress(msgspec.DecodeError):
            yield msgspec.msgpack.decode(data, type=Report)
