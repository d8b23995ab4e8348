"""Forks a session: serves its past, changes one step, and records where the program goes from there."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from agentreplay.core.checkout import checkout, root_of
from agentreplay.core.checkpoints import each_checkpoint
from agentreplay.core.counting import Told, watched
from agentreplay.core.environment import restored
from agentreplay.core.launch import Ended, Streams
from agentreplay.core.orders import Orders
from agentreplay.core.record import Wish, record
from agentreplay.core.replay import read_reports, streams_of
from agentreplay.core.speech import say
from agentreplay.core.starting import is_vouched, start_of
from agentreplay.core.timeline import Timeline
from agentreplay.core.transfer import export_tape
from agentreplay.errors import StepMissing, ValueInvalid
from agentreplay.intake.providers import Reply
from agentreplay.model.call import Answer, Call
from agentreplay.model.content import JSON
from agentreplay.model.session import Origin, Program, SessionKey
from agentreplay.model.values import is_map
from agentreplay.model.workspace import FOLDER
from agentreplay.playback.canonical import parse_json
from agentreplay.playback.divergence import Divergence
from agentreplay.playback.patch import Patch, parse, patch_answer, patch_arguments, patch_request
from agentreplay.playback.player import Tail
from agentreplay.playback.tape import Tape, Tool, read_tape
from agentreplay.playback.verdict import EXIT_CODES
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Change", "Forked", "check_patches", "fork", "step_of"]

_SHOWN = 12


@dataclass(frozen=True)
class Change:
    """What is otherwise, and from where on."""

    at: str
    """A step of the session: the number of a call's span or of a tool's that a framework ran, `last`, or the name of a
    checkpoint before a call."""
    patches: tuple[str, ...] = ()
    tail: Tail = "live"
    script: str | None = None
    command: tuple[str, ...] = ()
    workspace: Path | None = None
    """A folder that is empty or not there, to run in with the files as they were at the step."""


@dataclass(frozen=True)
class Forked:
    """What came of it."""

    key: SessionKey
    ended: Ended
    at: int
    parted: tuple[Divergence, ...] = ()
    """Where the program parted from its past before it reached the step."""
    is_missed: bool = False
    """Whether the step is a tool that did not run as the fork wants it."""

    @property
    def exit_code(self) -> int:
        """The program's, or that of a replay that diverged."""
        return EXIT_CODES["diverged"] if self.parted or self.is_missed else self.ended.code


def step_of(tape: Tape, at: str, *, tools: bool = False) -> int:
    """The step a fork begins at. `last` is the one behind the last call that was answered. Raises StepMissing.

    The tools that frameworks run are steps where the program itself runs again.
    """
    if at == "last":
        last = tape.last_call
        return last.seq + 1 if last is not None else 1
    steps = sorted({*(tape.tools if tools else ()), *(call.seq for call in tape.calls if not call.inner)})
    if not (at.isascii() and at.isdigit()) or int(at) not in steps:
        raise StepMissing(step=at, session=tape.session.id, steps=_shown(steps))
    return int(at)


def fork(  # noqa: PLR0913, PLR0917  # each of them is something else
    store: Store, key: SessionKey, change: Change, settings: Settings, streams: Streams, tell: Told | None = None
) -> Forked:
    """Run the program with its past served up to the step; what follows is a new session that shares it.

    `tell` is called with the calls that were made and those of the recording, while it runs. Raises ValueInvalid
    when the patches do not fit the call at that step, and then nothing was run.
    """
    tape = read_tape(store, key)
    is_ours = is_vouched(settings.db_path, tape.session, tape.environment)
    start = start_of(tape, change.command, is_ours=is_ours, is_offline=False)
    at = _step_of_place(store, key, tape, change.at)
    check_patches(tape, at, [parse(text) for text in change.patches])
    cwd = start.folder
    if change.workspace is not None:
        cwd = _world(store, key, at, tape.session.program or Program(), change.workspace) or cwd
    with TemporaryDirectory(prefix="agentreplay-") as folder:
        file, patches = Path(folder) / "session.tape", Path(folder) / "patches.json"
        export_tape(store, key, file)
        patches.write_text(json.dumps(change.patches), encoding="utf-8")

        watching = ExitStack()

        def adds(orders: Orders) -> Orders:
            watching.enter_context(watched(Path(orders.reports), tape, tell))
            return msgspec.structs.replace(
                orders,
                tape=str(file),
                at=at,
                patches=str(patches),
                tail=change.tail,
                script=change.script,
                counts_calls=tell is not None,
            )

        wish = Wish(
            name=f"{tape.session.name} (fork at {at})",
            agent=tape.session.agent,
            labels=tape.session.labels,
            origin=Origin(session=key.session, seq=at),
            source="fork",
            salt=tape.salt.hex(),
            hash_seed=tape.hash_seed,
            variables=restored(start.environment, prefers_today=True),
            adds=adds,
            workspace=change.workspace,
        )
        with watching:
            done = record(start.argv, settings, wish, streams_of(tape, streams), cwd=cwd)
    reports = list(read_reports(done.reports))
    parted = tuple(item for report in reports for item in report.divergences)
    is_missed = at in tape.tools and not any(report.is_revised for report in reports)
    return Forked(done.key, done.ended, at, parted, is_missed)


def _step_of_place(store: Store, key: SessionKey, tape: Tape, at: str) -> int:
    """The step a fork begins at; for a checkpoint that of the first call behind it. Raises StepMissing."""
    marked = None if at.isdigit() else next((row.seq for row in each_checkpoint(store, key, at)), None)
    if marked is None or at == "last":
        return step_of(tape, at, tools=True)
    behind = [call.seq for call in tape.calls if not call.inner and call.seq > marked]
    return step_of(tape, str(min(behind)) if behind else "last")


def _world(store: Store, key: SessionKey, at: int, program: Program, folder: Path) -> str | None:
    """Put the files as they were into the folder, and say where in it the program ran, if it did.

    Raises TreeMissing, FolderInTheWay, and what else keeps them from being put there.
    """
    line = Timeline(store, key)
    state = line.at(min(at, len(line) + 1))
    checkout(store, key.tenant, root_of(store, state), folder)
    span = None if state.files is None else store.spans.get(state.files.key)
    told = span.attributes.get(FOLDER) if span is not None else None
    kept = told.get("path") if is_map(told) else None
    if not isinstance(kept, str) or not Path(program.cwd).is_relative_to(kept):
        return None
    inside = folder / Path(program.cwd).relative_to(kept)
    return str(inside) if inside.is_dir() else None


def check_patches(tape: Tape, at: int, patches: Sequence[Patch]) -> None:
    """Apply the patches to the recorded call, so that what is wrong with them is told before anything is run.

    Raises ValueInvalid.
    """
    if not patches:
        return
    if at in tape.tools:
        _check_tool(tape.tools[at], patches)
        return
    call = next((call for call in tape.calls if call.seq == at), None)
    if call is None:
        raise ValueInvalid(what="the patch", problem="behind the last call there is none yet that could be changed")
    of_request = [patch for patch in patches if patch.touches_request]
    if of_request and len(of_request) < len(patches):
        problem = "it changes both what is asked and what is answered; a new question gets a new answer"
        raise ValueInvalid(what="the change", problem=problem)
    patch_request(call.request, of_request)
    if not of_request:
        _check_answer(call, patches)


def _check_tool(tool: Tool, patches: Sequence[Patch]) -> None:
    is_given = [patch.path[0] == "arguments" for patch in patches]
    if any(is_given) and not all(is_given):
        problem = "a tool that is given something else finds something of its own; change one or the other"
        raise ValueInvalid(what="the change", problem=problem)
    for patch in patches:
        if patch.path[0] != "arguments" and patch.path not in {("result",), ("error",)}:
            problem = "of a framework's tool there are arguments, result and error, and no path behind the last two"
            raise ValueInvalid(what=f"the patch {patch}", problem=problem)
        if patch.path == ("error",):
            patch_answer(Answer(), [patch])
    given = parse_json(tool.given.encode(), JSON) if isinstance(tool.given, str) else tool.given
    if all(is_given) and is_map(given):
        patch_arguments(given, patches)


def _check_answer(call: Call, patches: Sequence[Patch]) -> None:
    if call.answer is None:
        raise ValueInvalid(what="the patch", problem=f"step {call.seq} was never answered; change what it asks")
    for patch in patches:
        if patch.is_speech and call.request.seam == "http" and say(call.request, Reply(text=""), 0) is None:
            raise ValueInvalid(what=f"the patch {patch}", problem=f"{call.request.operation} asks no model")
    patch_answer(call.answer, patches, call.request.seam)


def _shown(steps: Sequence[int]) -> str:
    shown = ", ".join(map(str, steps[:_SHOWN]))
    return shown + (f" … {steps[-1]}" if len(steps) > _SHOWN else "") if steps else "none"
