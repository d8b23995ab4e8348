"""Calls and contexts over HTTP."""

from typing import Any

import pytest

from tests.server.population import Population
from tests.server.running import Running


def one(stored: Population, span: str, rest: str) -> str:
    return f"/api/v1/spans/{stored.trace}/{span}/{rest}"


def test_the_messages_of_a_call_are_read_in_order(server: Running, stored: Population) -> None:
    told = server.ask(one(stored, stored.second, "messages")).json

    assert [message["role"] for message in told["messages"]] == ["system", "user", "assistant", "user"]
    assert told["messages"][3]["message"] == {"role": "user", "content": "And when?"}
    window = server.ask(one(stored, stored.second, "messages?start=1&limit=2")).json
    assert (window["total"], window["messages"]) == (4, told["messages"][1:3])


def test_a_span_that_saw_no_messages_has_none(server: Running, stored: Population) -> None:
    assert server.ask(one(stored, stored.tool, "messages")).json is None
    assert server.ask(one(stored, stored.tool, "turn")).json is None


def test_a_turn_tells_what_was_added_since_the_call_before(server: Running, stored: Population) -> None:
    told = server.ask(one(stored, stored.second, "turn")).json

    assert told["previous"]["span_id"] == stored.first
    assert [(step["kind"], step["count"]) for step in told["steps"]] == [("same", 2), ("added", 1), ("added", 1)]
    assert told["steps"][2]["after"]["message"]["content"] == "And when?"


def test_in_the_first_call_everything_is_added(server: Running, stored: Population) -> None:
    told = server.ask(one(stored, stored.first, "turn")).json

    assert told["previous"] is None
    assert [step["kind"] for step in told["steps"]] == ["added", "added"]


def test_a_context_is_read_by_its_id(server: Running, stored: Population) -> None:
    told = server.ask(one(stored, stored.second, "messages")).json

    assert server.ask(f"/api/v1/contexts/{told['context']}").json == told
    assert server.ask(f"/api/v1/contexts/{'0' * 32}").status == 404
    assert server.ask("/api/v1/contexts/short").status == 400


def test_a_call_of_a_model_is_understood(server: Running, stored: Population) -> None:
    told: Any = server.ask(one(stored, stored.first, "call")).json

    assert (told["recorded"], told["understood"]["model"], told["reply"]["text"]) == (True, "gpt-5-mini", "On its way.")
    assert (told["address"], told["site"]) == ("main#1", "agent.py:7 in ask")
    assert told["answered"]["chunks"] == 3


def test_a_call_of_a_tool_has_its_bodies(server: Running, stored: Population) -> None:
    told = server.ask(one(stored, stored.tool, "call")).json

    assert told["understood"] is None
    assert told["asked"]["value"] == {"args": [], "kwargs": {"item": "kettle"}}
    assert told["answered"]["value"] == {"item": "kettle", "ships": "Friday"}


def test_large_bodies_are_left_out_for_who_wants_that(server: Running, stored: Population) -> None:
    told = server.ask(one(stored, stored.tool, "call?largest=20")).json

    assert (told["asked"]["value"], told["answered"]["value"]) == (None, None)
    assert told["answered"]["bytes"] > 20


def test_a_text_is_led_back_to_where_it_came_from(server: Running, stored: Population) -> None:
    told = server.ask(one(stored, stored.second, "provenance?text=On+its+way")).json

    assert (told["span"]["span_id"], told["where"]) == (stored.first, "answer")
    assert server.ask(one(stored, stored.second, "provenance?text=unheard+of")).json is None
    assert server.ask(one(stored, stored.second, "provenance?text=...")).status == 400


@pytest.mark.parametrize(("side", "media"), [("request", "application/json"), ("answer", "text/event-stream")])
def test_the_bodies_are_read_byte_by_byte(server: Running, stored: Population, side: str, media: str) -> None:
    answer = server.ask(one(stored, stored.first, f"call/{side}"))

    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, media)
    whole = answer.body
    assert server.ask(one(stored, stored.first, f"call/{side}"), range="bytes=2-9").body == whole[2:10]


def test_what_is_no_call_has_nothing_asked(server: Running, stored: Population) -> None:
    told = server.ask(one(stored, stored.root, "call")).json

    assert (told["recorded"], told["asked"], told["answered"]) == (False, None, None)
    assert server.ask(one(stored, stored.root, "call/answer")).status == 404
    assert server.ask(one(stored, stored.root, "call/else")).status == 400
