"""Forks a session: serves its past, changes one step, and records where the program goes from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from agentreplay.core.environment import restored
from agentreplay.core.launch import Streams
from agentreplay.core.orders import Orders
from agentreplay.core.record import Recorded, Wish, record
from agentreplay.core.replay import program_of
from agentreplay.core.transfer import export_tape
from agentreplay.errors import StepMissing
from agentreplay.model.session import Origin, SessionKey
from agentreplay.playback.player import Tail
from agentreplay.playback.tape import Tape, read_tape
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Change", "fork", "step_of"]


@dataclass(frozen=True)
class Change:
    """What is otherwise, and from where on."""

    at: str
    """A step of the session: the number of a call's span, or `last`."""
    patches: tuple[str, ...] = ()
    tail: Tail = "live"
    script: str | None = None
    command: tuple[str, ...] = ()


def step_of(tape: Tape, at: str) -> int:
    """The step a fork begins at. `last` is the one behind the last call that was answered. Raises StepMissing."""
    if at == "last":
        last = tape.last_call
        return last.seq + 1 if last is not None else 1
    steps = [call.seq for call in tape.calls if not call.inner]
    if not at.isdigit() or int(at) not in steps:
        raise StepMissing(step=at, session=tape.session.id, steps=_shown(steps))
    return int(at)


def fork(store: Store, key: SessionKey, change: Change, settings: Settings, streams: Streams) -> Recorded:
    """Run the program with its past served up to the step; what follows is a new session that shares it."""
    tape = read_tape(store, key)
    program = program_of(tape, change.command)
    at = step_of(tape, change.at)
    with TemporaryDirectory(prefix="agentreplay-") as folder:
        file = Path(folder) / "session.tape"
        export_tape(store, key, file)

        def given(orders: Orders) -> Orders:
            return msgspec.structs.replace(
                orders, tape=str(file), at=at, patches=change.patches, tail=change.tail, script=change.script
            )

        wish = Wish(
            name=f"{tape.session.name} (fork at {at})",
            agent=tape.session.agent,
            labels=tape.session.labels,
            origin=Origin(session=key.session, seq=at),
            source="fork",
        )
        given_in = tape.stdin if tape.stdin is not None else b""
        streams = Streams(given_in, streams.stdout, streams.stderr)
        return record(
            program.argv,
            settings,
            wish,
            streams,
            given=given,
            cwd=program.cwd or None,
            variables=restored(tape.environment, prefers_today=True),
            salt=tape.salt.hex(),
        )


def _shown(steps: Sequence[int]) -> str:
    shown = ", ".join(map(str, steps[:12]))
    return shown + (f" … {steps[-1]}" if len(steps) > 12 else "") if steps else "none"  # noqa: PLR2004  # a line's worth
