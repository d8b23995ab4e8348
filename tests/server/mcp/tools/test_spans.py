"""Spans as other agents read them."""

from tests.server.mcp.conftest import Ask
from tests.server.population import Population


def test_a_model_call_is_told_as_it_is_understood(ask: Ask, stored: Population) -> None:
    told = ask("get_span", span=f"{stored.trace}/{stored.second}")

    assert told["model"] == "gpt-5-mini"
    assert told["answered"]["text"] == "Tomorrow."
    assert told["usage"] == {"input": 20, "output": 4}
    assert told["parent"] == f"{stored.trace}/{stored.root}"


def test_a_tool_call_is_told_with_what_was_asked_and_answered(ask: Ask, stored: Population) -> None:
    told = ask("get_span", span=f"{stored.trace}/{stored.tool}")

    assert told["asked"]["value"]["kwargs"] == {"item": "kettle"}
    assert told["answered"]["value"]["ships"] == "Friday"


def test_the_messages_a_model_saw_come_in_order_and_in_pages(ask: Ask, stored: Population) -> None:
    span = f"{stored.trace}/{stored.second}"

    first = ask("get_context", span=span, limit=3)
    rest = ask("get_context", span=span, limit=3, cursor=first["next"])

    assert first["messages"] == 4
    assert [item["message"]["role"] for item in first["items"]] == ["system", "user", "assistant"]
    assert [item["message"]["content"] for item in rest["items"]] == ["And when?"]
    assert rest["next"] is None


def test_what_changed_in_a_context_is_told_without_what_stayed(ask: Ask, stored: Population) -> None:
    told = ask("get_context", span=f"{stored.trace}/{stored.second}", changes=True)

    assert told["since"] == f"{stored.trace}/{stored.first}"
    assert [(item["what"], item["after"]["message"]["content"]) for item in told["items"]] == [
        ("added", "On its way."),
        ("added", "And when?"),
    ]


def test_a_span_without_messages_says_so(ask: Ask, stored: Population) -> None:
    assert "saw no messages" in ask("get_context", span=f"{stored.trace}/{stored.tool}")["note"]


def test_the_spans_around_one_are_listed(ask: Ask, stored: Population) -> None:
    root, tool = f"{stored.trace}/{stored.root}", f"{stored.trace}/{stored.tool}"

    below = ask("related_spans", span=root)
    beside = ask("related_spans", span=tool, relation="siblings")
    above = ask("related_spans", span=tool, relation="ancestors")

    assert [item["span"].partition("/")[2] for item in below["items"]] == [stored.first, stored.second, stored.tool]
    assert [item["span"].partition("/")[2] for item in beside["items"]] == [stored.first, stored.second]
    assert [item["span"] for item in above["items"]] == [root]


def test_a_span_that_is_named_wrongly_is_told_how_to_name_it(ask: Ask) -> None:
    assert "TRACE_ID/SPAN_ID" in ask("get_span", span="7")
