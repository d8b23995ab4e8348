"""Calls as the program's process writes them down, and what becomes of them."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agentreplay.core.calls import batch_of_call, batch_of_crossing
from agentreplay.model.call import Answer, Chunk, Crossing, Raised, Request, Site
from agentreplay.model.ids import SpanId
from agentreplay.model.memory import COLLECTION, OWNER
from agentreplay.model.session import SessionKey
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import encode
from agentreplay.playback.folding import CALL, Library, unfold
from agentreplay.playback.tape import READINGS
from agentreplay.store.journal.frame import CALL as FRAME
from agentreplay.store.journal.frame import CALL_VERSION, Frame
from agentreplay.store.sqlite.chunks import batch_of
from agentreplay.testing import Maker
from tests.adapters import ADAPTERS, open_adapter

MODEL = {"url": "https://api.openai.com/v1/chat/completions", "method": "POST"}


def crossing(**overrides: Any) -> Crossing:
    make = Maker()
    fields: dict[str, Any] = {
        "tenant": make.tenant,
        "project": make.project,
        "session": make.session_id,
        "trace_id": make.new_trace_id(),
        "span_id": SpanId("00000000000000aa"),
        "parent_id": None,
        "agent": "clerk",
        "iteration": 2,
        "path": "main/fetch-1",
        "ordinal": 3,
        "site": Site("agent.py", 7, "ask"),
        "started": Nanoseconds(10),
        "ended": Nanoseconds(20),
        "request": Request(seam="tool", operation="look", body=b'{"item":"kettle"}'),
        "answer": Answer(body=b'"KETTLE"', turn=4),
    }
    return Crossing(**fields | overrides)


@pytest.mark.parametrize(
    ("collection", "told"),
    [
        (["agent:clerk", "notes"], {OWNER: "agent:clerk", COLLECTION: "notes"}),
        (["", "notes"], {OWNER: "", COLLECTION: "notes"}),
        ("notes", {}),
        (["notes"], {}),
    ],
)
def test_the_span_of_a_memory_tells_the_collection(collection: Any, told: dict[str, str]) -> None:
    """A function of the program may have an argument of that name, which means what it means there."""
    body = json.dumps({"collection": collection}).encode()
    request = Request(seam="memory", operation="memory.search", body=body)

    [span] = batch_of_crossing(crossing(request=request)).spans

    assert {name: value for name, value in span.attributes.items() if name != CALL} == told


def conversation() -> Crossing:
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}]}
    answer = {
        "id": "c1",
        "model": "gpt-5-mini",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2},
    }
    return crossing(
        request=Request(seam="http", operation="POST api.openai.com", head=MODEL, body=json.dumps(body).encode()),
        answer=Answer(head={"status": 200}, body=json.dumps(answer).encode(), turn=1),
    )


@pytest.mark.parametrize(
    "call",
    [
        crossing(),
        conversation(),
        crossing(answer=None, ended=None),
        crossing(answer=Answer(raised=Raised(module="builtins", name="OSError", message="no"), turn=2)),
        crossing(answer=Answer(body=b"\xff\x00", chunks=(Chunk(1, Nanoseconds(3), 5), Chunk(1, Nanoseconds(0), 6)))),
        crossing(readings=encode({"main/fetch-1": {"time.time": [1.5]}})),
    ],
    ids=["tool", "model", "open", "raised", "bytes", "readings"],
)
def test_a_call_written_down_becomes_what_it_would_have_become_at_once(call: Crossing) -> None:
    frame = Frame(FRAME, CALL_VERSION, encode(call), 0)

    assert batch_of(frame) == batch_of_crossing(call) == batch_of_call(frame.payload)


def test_the_span_of_a_call_unfolds_to_the_call() -> None:
    call = crossing(readings=encode({"main/fetch-1": {"time.time": [1.5]}}))

    batch = batch_of_crossing(call)

    contents = {content.hash: content.data for content in batch.contents}
    (span,) = batch.spans
    found = unfold(span, Library(contents.__getitem__, lambda _: ()))
    assert (found.address.path, found.address.ordinal, found.site) == ("main/fetch-1", 3, call.site)
    assert (found.request, found.answer) == (call.request, call.answer)
    assert (span.kind, span.tool, span.agent, span.iteration, span.end) == ("tool", "look", "clerk", 2, 20)
    assert [kept.role for kept in span.kept][-1] == READINGS


def test_a_call_to_a_model_is_understood() -> None:
    batch = batch_of_crossing(conversation())

    (span,) = batch.spans
    assert (span.kind, span.provider, span.model, span.name) == ("llm", "openai", "gpt-5-mini", "chat gpt-5-mini")
    assert (span.usage.input, span.usage.output) == (10, 2)
    assert span.cost
    assert span.context is not None
    assert len(batch.links) == 1
    assert span.attributes["gen_ai.response.finish_reasons"] == ["stop"]


def test_an_open_call_has_no_end_and_no_answer() -> None:
    (span,) = batch_of_crossing(crossing(answer=None, ended=None)).spans

    assert span.end is None
    assert span.status == "unset"
    assert CALL in span.attributes


def test_what_cannot_be_a_call_is_refused() -> None:
    with pytest.raises(Exception, match="not valid"):
        batch_of_call(msgspec.msgpack.encode(["no", "call"]))


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_call_whose_answer_tells_what_it_was_is_that_once_it_is_there(adapter: str, tmp_path: Path) -> None:
    """It was stored open, as a question of a kind that nobody knew yet."""
    url = "https://router.huggingface.co/hf-inference/models/a/b"
    asked = Request(
        seam="http", operation="POST a", head={"url": url, "method": "POST"}, body=b'{"inputs":"hello","parameters":{}}'
    )
    told = crossing(request=asked, answer=Answer(head={"status": 200}, body=b"[0.5, 0.25]"))
    waiting = msgspec.structs.replace(told, ended=None, answer=None)

    with closing(open_adapter(adapter, tmp_path)) as store:
        found: list[tuple[str, str]] = []
        for one in (waiting, told):
            store.append(batch_of_crossing(one))
            store.drain()
            [row] = store.spans.read(SessionKey(told.tenant, told.project, told.session))
            found.append((row.kind, row.name))

    assert found == [("llm", "ask a/b"), ("embedding", "embed a/b")]
