"""`agentreplay demo`: record, replay and fork a small agent, without a key and without a network."""

import os
import shutil
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.diff import pair_lines
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import BOLD, DIM
from agentreplay.cli.replay import verdict_lines
from agentreplay.core.compare import align
from agentreplay.core.fork import Change, fork
from agentreplay.core.launch import Streams
from agentreplay.core.record import Wish, record
from agentreplay.core.replay import Manner, replay
from agentreplay.errors import DemoFailed
from agentreplay.folders import make_private
from agentreplay.model.session import SessionKey
from agentreplay.playback.tape import Tape, read_tape
from agentreplay.store.protocol import Store

__all__ = ["demo"]

_AGENT = "support_agent.py"
_SOURCE = Path(__file__).parent / "demo_agent.py"
_CHANGE = 'result={"item":"kettle","status":"lost","carrier":"QuickShip","bought":"2026-11-02"}'


@click.command(cls=Command)
@with_invocation
def demo(invocation: Invocation, /) -> None:
    """Record, replay and fork a small agent, offline and in seconds.

    The agent is a file you can read and change; its model is a script on a port of this machine. What is recorded
    goes to the project `demo`.
    """
    from agentreplay.cli.demo_models import support_models  # start-up
    from agentreplay.testing import ScriptedModels  # start-up

    invocation.chosen["project"] = "demo"
    vars(invocation).pop("settings", None)
    began = time.monotonic()
    agent = _write_agent(invocation.settings.db_path)
    _head(1, "record", f"agentreplay --project demo run -- python {agent}")
    models = ScriptedModels(support_models)
    with _model_at(models.url), _quiet_streams() as streams:
        command = [sys.executable, str(agent)]
        recorded = record(
            command, invocation.settings, Wish(name="support agent", agent="support"), streams, cwd=str(agent.parent)
        )
        port = int(models.url.rpartition(":")[2])
        models.stop()
        with invocation.reading() as store:
            _replay(store, recorded.key)
            tape = read_tape(store, recorded.key)
        step = _step_to_change(tape)
        _head(3, "fork", f"agentreplay --project demo fork {recorded.key.session} --at {step} --set '{_CHANGE}'")
        models = ScriptedModels(support_models, port=port)
        try:
            with invocation.reading() as store:
                forked = fork(
                    store, recorded.key, Change(at=str(step), patches=(_CHANGE,)), invocation.settings, streams
                )
        finally:
            models.stop()
    with invocation.reading() as store:
        _compare(store, recorded.key, forked.key)
    output.note(f"done in {time.monotonic() - began:.1f} s; the agent is {agent}")
    output.hint(f"`agentreplay --project demo sessions show {recorded.key.session}` shows what it did")
    again = f"`agentreplay --project demo replay {recorded.key.session}`"
    output.hint(f"change a word in the agent, and {again} names the call that parts from it")


def _write_agent(folder: Path) -> Path:
    """A copy of the agent to read and change."""
    target = folder / "demo" / _AGENT
    make_private(target.parent)
    shutil.copyfile(_SOURCE, target)
    return target


@contextmanager
def _model_at(url: str) -> Generator[None, None, None]:
    """The environment in which the agent finds its model."""
    chosen = {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "no-key-is-needed"}
    before = {name: os.environ.get(name) for name in chosen}
    os.environ.update(chosen)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _quiet_streams() -> Generator[Streams, None, None]:
    """What the agent prints is ours to show: as data for a person, and nowhere where a program reads ours."""
    sys.stdout.flush()
    yield Streams(stdin=b"", stdout=1, stderr=2)


def _head(number: int, verb: str, command: str) -> None:
    output.data("")
    output.data(output.paint(f"{number}  {verb}", BOLD) + "  " + output.paint(output.clean(f"$ {command}"), DIM))
    sys.stdout.flush()


def _replay(store: Store, key: SessionKey) -> None:
    _head(2, "replay", f"agentreplay --project demo replay {key.session}   (the model is switched off)")
    verdict = replay(store, key, Manner(is_trusted=True))
    for line in verdict_lines(verdict):
        output.data(line)
    if verdict.status != "identical":
        raise DemoFailed(problem=f"the replay came out {verdict.status}")


def _step_to_change(tape: Tape) -> int:
    for call in tape.calls:
        if call.request.operation == "lookup_order":
            return call.seq
    raise DemoFailed(problem="the agent did not look up the order")


def _compare(store: Store, before: SessionKey, after: SessionKey) -> None:
    _head(4, "diff", f"agentreplay --project demo diff {before.session} {after.session}")
    pairs = list(align(read_tape(store, before), read_tape(store, after)))
    for line in pair_lines(pairs, everything=False):
        output.data(line)
