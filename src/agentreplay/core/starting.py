"""What is run when a recording is replayed or forked, and on whose word.

A recording can come from anywhere: as a tape, over the API, from a machine that ships its journals. What it says was
run is then somebody else's word, and to replay it would be to do what a stranger wrote. So the data folder keeps a line
for each program that was recorded into it here, and for each that somebody took on trust. The line is a digest: it
tells nothing of the program, and nothing else fits it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
from blake3 import blake3

from agentreplay.core.environment import ADDRESSES, DECLARED, Environment
from agentreplay.errors import AgentReplayError, ProgramForeign, ProgramUnknown, RecordedInside
from agentreplay.folders import make_private
from agentreplay.model.ids import SessionId
from agentreplay.model.session import Program, Session
from agentreplay.playback.tape import Tape

__all__ = ["FILE", "Start", "folder_of", "foreign", "hand_over", "is_vouched", "start_of", "vouch"]

FILE = "vouched"
_MEANING = "agentreplay: a program that was vouched for, 1"
_encode = msgspec.msgpack.Encoder(order="sorted").encode


@dataclass(frozen=True)
class Start:
    """What is run: the recorded program, or another that stands in for it."""

    argv: tuple[str, ...]
    folder: str | None
    """Where; None: where we are."""
    environment: Environment


def start_of(tape: Tape, command: Sequence[str] = (), *, is_ours: bool, is_offline: bool = True) -> Start:
    """What to run: the `command`, or what the recording says if it is ours.

    Raises ProgramUnknown where it says nothing, ProgramForeign where that is a stranger's word, and RecordedInside
    where a part of a program is all that was recorded: the whole of it would do something else.
    """
    if tape.session.source == "sdk":
        raise RecordedInside(session=tape.session.id)
    told = tape.session.program or Program()
    if is_ours:
        if not (command or told.argv):
            raise ProgramUnknown(session=tape.session.id)
        return Start(tuple(command) or told.argv, folder_of(told), tape.environment)
    if not command:
        raise foreign(tape.session)
    return Start(tuple(command), None, _harmless(tape.environment, is_offline=is_offline))


def foreign(session: Session) -> AgentReplayError:
    """Why a recording that nobody vouches for is not replayed."""
    told = session.program
    if told is None or not told.argv:
        return ProgramUnknown(session=session.id)
    if session.source == "sdk":
        return RecordedInside(session=session.id)
    return ProgramForeign(session=session.id, command=" ".join(told.argv), folder=told.cwd)


def folder_of(program: Program) -> str | None:
    """The folder to run it in: the recorded one where it is still there, else ours."""
    return program.cwd if program.cwd and Path(program.cwd).is_dir() else None


def vouch(folder: Path, session: SessionId, program: Program, environment: Environment) -> None:
    """Let the recording run this program from now on."""
    _add(folder, _line(session, program, environment))


def hand_over(folder: Path, target: Path) -> None:
    """Let the recordings that go to another data folder run there what they may run here."""
    try:
        lines = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return
    _add(target, lines)


def is_vouched(folder: Path, session: Session, environment: Environment) -> bool:
    """Whether the recording may run the program it tells of."""
    if session.program is None:
        return False
    try:
        lines = (folder / FILE).read_bytes()
    except OSError:
        return False
    return _line(session.id, session.program, environment) in lines


def _harmless(environment: Environment, *, is_offline: bool) -> dict[str, str | None]:
    """What a program may be given of an environment that a stranger tells of: nothing that decides what is run.

    Nor whom it asks, unless it asks nobody: a stranger's address would be sent the keys of whoever forks.
    """
    patterns = DECLARED if is_offline else tuple(pattern for pattern in DECLARED if pattern not in ADDRESSES)
    return {
        name: value
        for name, value in environment.items()
        if value is None or any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def _add(folder: Path, lines: bytes) -> None:
    make_private(folder)
    with open(folder / FILE, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(lines)


def _line(session: SessionId, program: Program, environment: Environment) -> bytes:
    told = _encode([session, list(program.argv), program.cwd, dict(environment)])
    return b"%s\n" % blake3(told, derive_key_context=_MEANING).hexdigest().encode()
