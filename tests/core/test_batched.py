"""The answers of a batch are spans, each once, at the price of batches."""

import json

from agentreplay.core.batched import KEY
from agentreplay.core.calls import batch_of_crossing
from agentreplay.intake.prices import cost
from agentreplay.model.call import Answer, Crossing, Request
from agentreplay.model.ids import SpanId
from agentreplay.model.span import Span
from agentreplay.model.usage import Usage
from agentreplay.store.memory import MemoryStore
from tests.core.test_calls import crossing

URL = "https://api.openai.com/v1/files/file-1/content"
USED = {"prompt_tokens": 80, "completion_tokens": 10}
CHAT = {"object": "chat.completion", "model": "gpt-5-mini", "choices": [], "usage": USED}


def fetched(span_id: str = "00000000000000aa", url: str = URL) -> Crossing:
    lines = [json.dumps({"custom_id": key, "response": {"status_code": 200, "body": CHAT}}) for key in ("one", "two")]
    request = Request(seam="http", operation="GET files", head={"method": "GET", "url": url})
    answer = Answer(head={"status": 200}, body="\n".join(lines).encode())
    return crossing(span_id=SpanId(span_id), request=request, answer=answer)


def told(call: Crossing) -> list[Span]:
    return [span for span in batch_of_crossing(call).spans if KEY in span.attributes]


def test_each_answer_is_told_below_its_call_for_half_the_price() -> None:
    one, two = told(fetched())

    assert (one.attributes[KEY], two.attributes[KEY]) == ("one", "two")
    assert one.parent_id == "00000000000000aa"
    assert (one.name, one.kind, one.usage) == ("chat gpt-5-mini", "llm", Usage(input=80, output=10))
    whole = cost("openai", "gpt-5-mini", one.usage, one.start)
    assert whole is not None
    assert one.cost == whole // 2


def test_answers_that_are_fetched_again_are_told_once() -> None:
    store = MemoryStore()
    first, again = batch_of_crossing(fetched()), batch_of_crossing(fetched("00000000000000bb"))

    store.append(first)
    store.append(again)

    assert {span.span_id for span in told(fetched())} == {span.span_id for span in told(fetched("00000000000000bb"))}
    assert store.statistics().conflicts == 0


def test_other_files_bring_nothing() -> None:
    assert told(fetched(url="https://example.org/files")) == []
