"""What lies on a golden tape, and what must be read from it for ever."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import msgspec

from agentreplay.core.transfer import export_tape, load_tape
from agentreplay.model.call import Answer, Chunk, Raised, Request
from agentreplay.model.session import Origin
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.tape import HASH_SEED, TERMINALS, UNRECORDED, read_tape
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.taping import Taping, call, outputs, tool

__all__ = ["TAPES", "tape_answers", "write_tape"]

TAPES = Path(__file__).parent / "tapes"


def write_tape(path: Path) -> None:
    """A fork and what it was forked from, with every kind of request and answer there is."""
    taping = Taping(MemoryStore(), Maker(seed=11))
    talk = {
        "messages": [{"role": "user", "content": "Hi", "cache_control": {"type": "ephemeral"}}],
        "system": "s" * 600,
    }
    asked = Request(seam="http", operation="POST a/v1", head={"url": "https://a/v1"}, body=json.dumps(talk).encode())
    chunks = (Chunk(6, Nanoseconds(5), 3), Chunk(4, Nanoseconds(7), 4))
    streamed = Answer(head={"status": 200}, body=b"data: 1\n\n\n", media="text/event-stream", chunks=chunks, turn=2)
    raised = Raised(module="builtins", name="KeyError", message="'x'", arguments=("x", b"\xff"), state={"$a": 1})
    first = [
        tool(1, result={"ships": "Friday"}, order="7"),
        call("main#2", asked, streamed, label="llm m-1"),
        call(
            "main/fetch-1#1",
            Request(seam="tool", operation="f", body=b"\xff\x00", media="x/y"),
            Answer(raised=raised, turn=5),
        ),
        call("main#3", Request(seam="tool", operation="g"), Answer(is_live=True, complete=False, turn=6)),
        call("main:3#1", Request(seam="tool", operation="inner"), Answer(body=b"1", turn=7)),
    ]
    past = taping.keep(
        first,
        roles=outputs(stdout="out", returned="1", sources='{"a.py:f": "00"}'),
        readings={"main": {"time.time a.py:f": [1.5, 1 << 70]}},
        attributes={HASH_SEED: "7", TERMINALS: {"stdout": [24, 80]}, UNRECORDED: "grpc"},
    )
    key = taping.keep(
        [tool(4, result="other", path="main", order="8"), call("main#5", Request(seam="tool", operation="h"), None)],
        status=None,
        origin=Origin(session=past.session, seq=5),
        served={"steps": [2, 3], "read": [["main", "time.time a.py:f", 1]]},
        name="a fork",
    )
    export_tape(taping.store, key, path)


def tape_answers(path: Path) -> Any:
    """All that is read from a tape, as JSON."""
    store, key = load_tape(path)
    tape = read_tape(store, key)
    told = {field.name: getattr(tape, field.name) for field in dataclasses.fields(tape)}
    told["outputs"] = dataclasses.asdict(tape.outputs)
    told["readings"] = [[*place, values] for place, values in tape.readings.items()]
    told["session"] = {"id": tape.session.id, "name": tape.session.name, "program": tape.session.program}
    return json.loads(json.dumps(msgspec.to_builtins(told, enc_hook=repr), sort_keys=True))
