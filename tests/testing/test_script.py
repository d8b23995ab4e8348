"""Who says what: lines in their order, lines for certain calls, and what is made up without a script."""

from itertools import permutations
from typing import Any

import pytest

from agentreplay.intake.providers import Asked, Reply, ToolCall, ask
from agentreplay.testing.script import Director, Line, improvise, words_in

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CHAT, RESPONSES, MESSAGES, GEMINI = (
    "http://127.0.0.1/v1/chat/completions",
    "http://127.0.0.1/v1/responses",
    "http://127.0.0.1/v1/messages",
    "http://127.0.0.1/v1beta/models/m:generateContent",
)
TOOLS: dict[str, Any] = {
    CHAT: [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}],
    RESPONSES: [{"type": "web_search"}, {"type": "function", "name": "weather", "parameters": SCHEMA}],
    MESSAGES: [{"type": "web_search_1", "name": "web_search"}, {"name": "weather", "input_schema": SCHEMA}],
    GEMINI: [{"googleSearch": {}}, {"function_declarations": [{"name": "weather", "parameters_json_schema": SCHEMA}]}],
}
FIELDS = {CHAT: "messages", RESPONSES: "input", MESSAGES: "messages", GEMINI: "contents"}
RESULTS: dict[str, Any] = {
    CHAT: {"role": "tool", "tool_call_id": "c", "content": "sunny"},
    RESPONSES: {"type": "function_call_output", "call_id": "c", "output": "sunny"},
    MESSAGES: {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "sunny"}]},
    GEMINI: {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"output": "sunny"}}}]},
}


def call(*messages: Any, url: str = CHAT, **more: Any) -> tuple[Asked, dict[str, Any]]:
    body = {FIELDS[url]: list(messages), "model": "m", **more}
    asked = ask(url, body)
    assert asked is not None
    return asked, body


def says(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def test_lines_are_spoken_in_their_order() -> None:
    director = Director([Reply(text="one"), Reply(text="two")])

    spoken = [director.line(*call(says("hello"))) for _ in range(2)]

    assert spoken == [(Reply(text="one"), 1), (Reply(text="two"), 2)]


@pytest.mark.parametrize("order", list(permutations(["cats", "dogs", "birds"])))
def test_whichever_call_comes_first_each_gets_its_line(order: tuple[str, ...]) -> None:
    script = [Reply(text="of birds"), Line(text="of cats", when="cats"), Line(text="of dogs", when="dogs")]
    director = Director(script)

    spoken = {topic: director.line(*call(says(f"Tell me of {topic}!"))) for topic in order}

    assert {topic: (line.text, number) for topic, (line, number) in spoken.items()} == {
        "birds": ("of birds", 1),
        "cats": ("of cats", 2),
        "dogs": ("of dogs", 3),
    }


@pytest.mark.parametrize("url", FIELDS)
def test_a_line_is_chosen_by_the_last_message_alone(url: str) -> None:
    director = Director([Line(text="found", when="sunny"), Line(text="asked", when="weather?")])

    first, _ = director.line(*call(says("weather?"), url=url))
    second, _ = director.line(*call(says("weather?"), RESULTS[url], url=url))

    assert (first.text, second.text) == ("asked", "found")


def test_who_speaks_is_not_what_is_said() -> None:
    line, _ = Director([Line(text="wrong", when="user")]).line(*call(says("hello")))

    assert line.status == 400


def test_a_script_that_has_ended_says_for_which_call() -> None:
    line, _ = Director([]).line(*call(says("hello")))

    assert (line.status, line.text) == (400, "the script has no line left for a call that ends in 'hello'")


def test_a_function_may_stand_for_a_script() -> None:
    director = Director(lambda asked, body: Reply(text=f"{asked.model} heard {body['messages'][-1]['content']}"))

    line, _ = director.line(*call(says("hello")))

    assert line.text == "m heard hello"


def test_numbers_follow_from_what_is_asked_and_never_repeat() -> None:
    bodies = [call(says(text)) for text in ("a", "b", "a")]

    numbers = [[director.line(*body)[1] for body in bodies] for director in (Director(), Director())]

    assert numbers[0] == numbers[1]
    assert len(set(numbers[0])) == 3


@pytest.mark.parametrize("url", FIELDS)
def test_the_first_tool_is_called_until_there_is_a_result(url: str) -> None:
    asked, body = call(says("weather?"), url=url, tools=TOOLS[url])

    first = improvise(asked, body)
    second = improvise(*call(says("weather?"), RESULTS[url], url=url, tools=TOOLS[url]))

    assert first.tool_calls == (ToolCall(name="weather", arguments={"city": "Paris"}),)
    assert (second.tool_calls, second.text) == ((), "The answer is 42.")


def test_no_tool_is_called_when_none_may_be() -> None:
    assert improvise(*call(says("weather?"), tools=TOOLS[CHAT], tool_choice="none")).text


def test_a_word_counts_as_a_token() -> None:
    usage = improvise(*call(says("how are you"))).usage

    assert usage is not None
    # Who speaks and which model is asked are words too.
    assert (usage.input, usage.output) == (5, 4)


def test_the_words_of_a_value_come_in_order() -> None:
    assert list(words_in({"a": "one two", "b": [3, "three", {"c": "four"}]})) == ["one", "two", "three", "four"]
