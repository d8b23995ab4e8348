"""Makes a regression test of a session: a test file, and its tape beside it."""

import os
import re
import sys
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from agentreplay.core.regression import Call, Command, NoLiteral, literal, test_of_command, test_of_function
from agentreplay.core.replay import Manner, replay
from agentreplay.core.starting import foreign, is_vouched
from agentreplay.core.transfer import export_tape
from agentreplay.errors import FileInTheWay, FunctionUnknown, NotPromoted, ProgramUnknown, ValueInvalid
from agentreplay.model.content import JSON
from agentreplay.model.session import Program, SessionKey
from agentreplay.model.values import Value
from agentreplay.playback.canonical import parse_json
from agentreplay.playback.tape import ARGUMENTS, FUNCTION, Tape, library, read_tape, whole_spans
from agentreplay.playback.verdict import explain
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Promoted", "promote"]

_PYTHON = re.compile(r"python(\d+(\.\d+)?)?(\.exe)?", re.IGNORECASE)
_TEST = re.compile(r"test_\w+|\w+_test")


@dataclass(frozen=True)
class Promoted:
    """What was written."""

    test: Path
    tape: Path


def promote(store: Store, key: SessionKey, target: Path, *, force: bool = False, home: Path | None = None) -> Promoted:
    """Write a test that replays the session, and its tape; both or none, and nothing that would not pass.

    `home` is as of a Manner. Raises FileInTheWay, NotPromoted, FunctionUnknown, ProgramUnknown, ProgramForeign, and
    ValueInvalid for a name no test can have.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100  # a link to a folder is kept as it was given
    name = target.stem
    if target.suffix != ".py" or not _TEST.fullmatch(name):
        raise ValueInvalid(what=f"the file {target.name}", problem="pytest finds tests in files named test_….py")
    topic = name.removeprefix("test_").removesuffix("_test")
    tape_file = target.parent / "tapes" / f"{topic}.tape"
    for path in (target, tape_file):
        if path.exists() and not force:
            raise FileInTheWay(path=str(path))
    tape = read_tape(store, key)
    if tape.session.source in {"run", "fork"}:
        text = test_of_command(topic, target.parent, _command_of(store, key, tape, home))
    else:
        text = test_of_function(topic, target.parent, _call_of(store, key, tape))
    tape_file.parent.mkdir(parents=True, exist_ok=True)
    export_tape(store, key, tape_file)
    scratch = target.with_name(target.name + ".new")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(target)
    return Promoted(target, tape_file)


def _command_of(store: Store, key: SessionKey, tape: Tape, home: Path | None) -> Command:
    """The command that is run again, once it has been seen to come out the same."""
    program = tape.session.program
    if program is None or not program.argv:
        raise ProgramUnknown(session=key.session)
    if not is_vouched(home or Settings.read().db_path, tape.session, tape.environment):
        raise foreign(tape.session)
    words = _portable(program)
    command = tuple(sys.executable if word is None else word for word in words)
    verdict = replay(store, key, Manner(command=command, is_trusted=True))
    if verdict.exit_code:
        raise NotPromoted(session=key.session, problem=", ".join(explain(verdict)[:2]))
    shown = " ".join([Path(program.argv[0]).name, *program.argv[1:]])
    return Command(words, Path(program.cwd) if program.cwd else None, shown)


def _portable(program: Program) -> tuple[str | None, ...]:
    """The command as it can be given elsewhere: None stands for the Python that runs the test."""
    words: list[str | None] = []
    for number, word in enumerate(program.argv):
        if number == 0 and _PYTHON.fullmatch(Path(word).name):
            words.append(None)
        elif Path(word).is_absolute() and program.cwd and Path(word).is_relative_to(program.cwd):
            words.append(os.path.relpath(word, program.cwd))
        else:
            words.append(word)
    return tuple(words)


def _call_of(store: Store, key: SessionKey, tape: Tape) -> Call:
    """The call that is made again. Raises FunctionUnknown."""
    root = next((span for span in whole_spans(store, key) if FUNCTION in span.attributes), None)
    if root is None:
        raise FunctionUnknown(session=key.session, problem="nothing tells of a function; it may be that of a block")
    module, _, name = str(root.attributes[FUNCTION]).partition(":")
    if "<" in name or module == "__main__":
        raise FunctionUnknown(session=key.session, problem=f"{name} of {module} cannot be imported")
    if root.status == "error":
        raise FunctionUnknown(session=key.session, problem=f"{name} ended with {root.status_message}")
    given = next((kept.hash for kept in root.kept if kept.role == ARGUMENTS), None)
    if given is None:
        raise FunctionUnknown(session=key.session, problem=f"{name} was given what is no plain value")
    told = parse_json(library(store, key).content(given), JSON)
    try:
        arguments = [literal(item) for item in told["arguments"]]
        arguments += [f"{word}={literal(item)}" for word, item in told["named"].items()]
    except NoLiteral as error:
        raise FunctionUnknown(session=key.session, problem=f"{name} was given {error}") from error
    return Call(
        module=module,
        name=name,
        arguments=", ".join(arguments),
        is_async=bool(told["is_async"]),
        returned=_returned(tape),
        home=_home_of(module, key, tape.session.program),
    )


def _returned(tape: Tape) -> str | None:
    """What the function returned, where it can be written down."""
    if tape.outputs.returned is None:
        return None
    value: Value = parse_json(tape.outputs.returned, JSON)
    try:
        return literal(value)
    except NoLiteral:
        return None


def _home_of(module: str, key: SessionKey, program: Program | None) -> Path | None:
    """The folder the module is imported from; None where it is installed. Raises FunctionUnknown."""
    outer = module.partition(".")[0]
    here = os.path.realpath(".")
    installed = [path for path in sys.path if path and os.path.realpath(path) != here]
    if _is_found(outer, installed):
        return None
    if program is not None and program.cwd:
        cwd = Path(program.cwd)
        script = (cwd / program.argv[0]).parent if program.argv else cwd
        for folder in (cwd, script, cwd / "src"):
            if _is_found(outer, [str(folder)]):
                return folder
    raise FunctionUnknown(session=key.session, problem=f"the module {module} is not found where it was recorded")


def _is_found(module: str, folders: list[str]) -> bool:
    spec = PathFinder.find_spec(module, folders)
    return spec is not None and spec.origin is not None
