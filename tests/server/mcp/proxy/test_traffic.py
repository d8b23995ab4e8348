"""What passes is on the tape, and from the tape it comes again."""

import json
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.model.session import SessionKey
from agentreplay.playback.tape import Tape, read_tape
from agentreplay.playback.verdict import Verdict
from agentreplay.server.mcp.proxy.playing import Playing, mcp_tape
from agentreplay.server.mcp.proxy.taping import Taping
from agentreplay.server.mcp.proxy.traffic import Traffic
from agentreplay.settings import Settings
from agentreplay.store.registry import open_store
from agentreplay.testing import NEW_YEAR


def line(**message: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"


def ask(name: object, tool: str, token: object = None, **arguments: Any) -> bytes:
    meta = {"_meta": {"progressToken": token}} if token is not None else {}
    return line(id=name, method="tools/call", params={"name": tool, "arguments": arguments, **meta})


class Stage:
    """A folder, and a proxy that records into it."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(db_path=folder)
        clock = count(NEW_YEAR, 1000)
        self.taping = Taping(self.settings, "weather", None, lambda: next(clock))
        self.traffic = Traffic(self.taping)

    @property
    def key(self) -> SessionKey:
        return self.taping.key

    def tape(self) -> Tape:
        self.traffic.end("the client went away")
        self.taping.end("completed")
        store = open_store(self.settings.db_path)
        try:
            store.drain()
            return mcp_tape(read_tape(store, self.key))
        finally:
            store.close()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def play(stage: Stage, tape: Tape, *lines: bytes, heard: int) -> tuple[list[Any], Verdict]:
    """Say these lines to the tape; the first so many that come back, and how it came out."""
    told: list[Any] = []
    is_enough = threading.Event()

    def tell(said: bytes) -> None:
        told.append(json.loads(said))
        if len(told) >= heard:
            is_enough.set()

    playing = Playing(tape, stage.settings, tell)
    for said in lines:
        playing.from_client(said)
    assert is_enough.wait(10)
    return told, playing.end()


def test_progress_goes_with_its_request_and_has_its_token_of_today(stage: Stage) -> None:
    stage.traffic.from_client(ask(1, "one", token="a"))
    stage.traffic.from_client(ask(2, "two", token="b"))
    for token in "ab":
        stage.traffic.from_server(line(method="notifications/progress", params={"progressToken": token, "progress": 1}))
    stage.traffic.from_server(line(id=2, result={"said": 2}))
    stage.traffic.from_server(line(id=1, result={"said": 1}))
    tape = stage.tape()

    told, verdict = play(stage, tape, ask("x", "two", token=77), heard=2)

    assert told[0]["params"] == {"progressToken": 77, "progress": 1}
    assert told[1] == {"jsonrpc": "2.0", "id": "x", "result": {"said": 2}}
    assert verdict.served == 1


def test_a_subscription_is_told_under_its_id_of_today(stage: Stage) -> None:
    key = "io.modelcontextprotocol/subscriptionId"
    stage.traffic.from_client(ask(1, "one"))
    stage.traffic.from_client(line(id=2, method="subscriptions/listen", params={}))
    stage.traffic.from_server(line(method="notifications/tools/list_changed", params={"_meta": {key: 2}}))
    tape = stage.tape()

    told, _ = play(stage, tape, line(id=9, method="subscriptions/listen", params={}), heard=1)

    assert told[0]["params"]["_meta"] == {key: 9}


def test_what_was_taken_back_is_not_answered(stage: Stage) -> None:
    stage.traffic.from_client(ask(1, "one"))
    stage.traffic.from_client(line(method="notifications/cancelled", params={"requestId": 1}))
    stage.traffic.from_server(line(id=1, result={"said": "late"}))
    tape = stage.tape()

    (call,) = tape.calls
    assert call.answer is not None
    assert not call.answer.complete
    assert not call.answer.body


def test_errors_keep_their_code_and_data(stage: Stage) -> None:
    error = {"code": -32602, "message": "no", "data": [1]}
    stage.traffic.from_client(ask(1, "one"))
    stage.traffic.from_server(line(id=1, error=error))
    tape = stage.tape()

    told, verdict = play(stage, tape, ask(1, "one"), heard=1)

    assert told == [{"jsonrpc": "2.0", "id": 1, "error": error}]
    assert verdict.status == "identical"


def test_calls_at_once_find_their_answers_in_any_order(stage: Stage) -> None:
    for name, tool in ((1, "one"), (2, "two")):
        stage.traffic.from_client(ask(name, tool))
        stage.traffic.from_server(line(id=name, result={"said": tool}))
    tape = stage.tape()

    told, verdict = play(stage, tape, ask("a", "two"), ask("b", "one"), heard=2)

    assert {answer["id"]: answer["result"]["said"] for answer in told} == {"a": "two", "b": "one"}
    assert verdict.status == "identical"


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("busy"))
    yield stage
    stage.tape()


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers(0, 3) | st.none() | st.text(max_size=3),
        "method": st.sampled_from(["tools/call", "notifications/cancelled", "ping"]) | st.integers(),
        "params": st.dictionaries(st.sampled_from(["name", "_meta", "requestId"]), st.none() | st.integers()),
        "result": st.none() | st.integers() | st.dictionaries(st.just("isError"), st.booleans()),
        "error": st.none() | st.dictionaries(st.sampled_from(["code", "message"]), st.integers()),
    },
)


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=30) | PARTS.map(lambda parts: line(**parts))), max_size=8))
def test_no_bytes_do_harm(busy: Stage, said: list[tuple[bool, bytes]]) -> None:
    for is_client, told in said:
        (busy.traffic.from_client if is_client else busy.traffic.from_server)(told)
