"""`agentreplay explain`."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from agentreplay.model.session import Origin
from agentreplay.model.span import Span
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of

Run = Callable[..., Result]


@pytest.fixture
def outer(memory: MemoryStore, make: Maker) -> Span:
    told: dict[str, Any] = {
        "kind": "llm",
        "name": "chat",
        "provider": "openai",
        "model": "gpt-4.1-mini",
        "usage": Usage(input=1_000, reasoning=10),
        "cost": NanoDollars(416_000),
    }
    span = make.span(**told)
    origin = Origin(session=make.session_id, seq=4)
    memory.append(batch_of(make.session(origin=origin), span, make.span(span, **told)))
    return span


def test_a_session_is_explained_call_by_call(run: Run, outer: Span) -> None:
    lines = run("explain", outer.session).stdout.splitlines()

    assert lines[0].endswith("$0.00042 for 1,010 tokens")
    assert "up to step 4, is charged there" in lines[1]
    assert any(line.split() == ["input", "1,000", "$0.40", "$0.00040"] for line in lines)
    assert any(line.split()[:4] == ["reasoning", "as", "output", "10"] for line in lines)


def test_a_span_is_explained_by_itself(run: Run, outer: Span) -> None:
    result = run("explain", f"{outer.trace_id}/{outer.span_id}", "--json")

    found = json.loads(result.stdout)
    assert found["span"]["span_id"] == outer.span_id
    assert run("explain", "no/span").exit_code == 2
    assert run("explain", f"{'1' * 32}/{'2' * 16}").exit_code == 5
