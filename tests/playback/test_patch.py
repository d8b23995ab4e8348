"""Patches: the grammar of paths, what the words mean in each format, and errors that say what to do."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import ValueInvalid
from agentreplay.model.call import Answer, Chunk, Raised, Request
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.patch import Patch, parse, patch_answer, patch_arguments, patch_request, read_patches
from tests.playback.test_canonical import VALUES

SAID = {"role": "user", "content": "a"}
STEPS = st.text(min_size=1) | st.integers(-5, 50)


def asking(body: Any, **fields: Any) -> Request:
    return Request(seam="http", operation="POST a/v1", body=json.dumps(body).encode(), **fields)


def patched(request: Request, *texts: str) -> Any:
    return json.loads(patch_request(request, [parse(text) for text in texts]).body)


def answered(answer: Answer, *texts: str, seam: str = "http") -> Answer:
    return patch_answer(answer, [parse(text) for text in texts], seam)


@given(first=st.sampled_from(["request", "answer", "result"]), steps=st.lists(STEPS, max_size=5), value=VALUES)
def test_every_path_can_be_written_and_is_read_as_it_was_meant(first: str, steps: list[Any], value: Any) -> None:
    patch = Patch((first, *steps), value)

    assert parse(str(patch)) == patch


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        patch = parse(text)
    except ValueInvalid:
        return
    assert str(parse(str(patch))) == str(patch)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("model=gpt-5-mini", ("model",), "gpt-5-mini"),
        ("request.body.temperature = 0.5", ("request", "body", "temperature"), 0.5),
        ('request.body.messages[-1].content="12"', ("request", "body", "messages", -1, "content"), "12"),
        ('answer.body["a.b"]["=]"]=[1]', ("answer", "body", "a.b", "=]"), [1]),
        ("result=a=b", ("result",), "a=b"),
        ("result=", ("result",), ""),
        ("error=TimeoutError: too slow", ("error",), "TimeoutError: too slow"),
    ],
)
def test_a_path_and_a_value_are_told_apart(text: str, path: tuple[Any, ...], value: Any) -> None:
    assert parse(text) == Patch(path, value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("model", "it is not PATH=VALUE"),
        ("=1", "it does not begin with a path"),
        ("request..a=1", "the path cannot be read from character 8 on"),
        ("request.a.=1", "the path cannot be read from character 10 on"),
        ("request[x]=1", "the path cannot be read from character 8 on"),
        (
            "response.body=1",
            "a path begins with request, answer, prompt, system, model, arguments, result, text or error",
        ),
        ("prompt.x=1", "no path goes on behind prompt"),
    ],
)
def test_what_cannot_be_read_is_told_with_the_place(text: str, problem: str) -> None:
    with pytest.raises(ValueInvalid) as refused:
        parse(text)

    assert refused.value.facts["problem"] == problem


def test_a_file_of_patches_is_an_object() -> None:
    assert read_patches('{"model": "m", "result": {"a": 1}}') == [Patch(("model",), "m"), Patch(("result",), {"a": 1})]
    for text in ("[1]", "{"):
        with pytest.raises(ValueInvalid, match="patch file"):
            read_patches(text)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"messages": [SAID, {"role": "assistant", "content": "b"}]}, ("messages", 0, "content")),
        ({"input": "a"}, ("input",)),
        ({"prompt": "a"}, ("prompt",)),
        ({"input": [SAID, {"type": "function_call_output", "output": "b"}]}, ("input", 0, "content")),
        (
            {"contents": [{"parts": [{"text": "a"}]}, {"role": "user", "parts": [{"functionResponse": {}}]}]},
            ("contents", 0, "parts", 0, "text"),
        ),
        ({"messages": [SAID, {"role": "user", "content": [{"type": "tool_result"}]}]}, ("messages", 0, "content")),
    ],
    ids=["chat", "text", "completion", "responses", "gemini", "anthropic"],
)
def test_the_prompt_is_what_the_user_said_last(body: Any, place: tuple[Any, ...]) -> None:
    found = patched(asking(body), "prompt=other")

    for step in place:
        found, body = found[step], body[step]
    assert (body, found) == ("a", "other")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"system": "a"}, ("system",)),
        ({"instructions": "a", "input": "q"}, ("instructions",)),
        ({"messages": [{"role": "developer", "content": "a"}]}, ("messages", 0, "content")),
        ({"systemInstruction": {"parts": [{"text": "a"}]}}, ("systemInstruction", "parts", 0, "text")),
    ],
)
def test_the_system_prompt_is_found_in_every_format(body: Any, place: tuple[Any, ...]) -> None:
    found = patched(asking(body), "system=other")

    for step in place:
        found = found[step]
    assert found == "other"


def test_a_model_that_stands_in_the_address_is_told_so() -> None:
    gemini = asking({"contents": []}, head={"url": "https://a.example/v1/models/one:generateContent"})

    with pytest.raises(ValueInvalid, match=r"patch request\.head\.url instead"):
        patched(gemini, "model=two")
    assert patched(asking({"model": "one"}), "model=two") == {"model": "two"}


def test_what_is_not_changed_stays_byte_by_byte() -> None:
    request = Request(seam="http", operation="x", head={"url": "a", "headers": {"b": "c"}}, body=b'{ "a" :  1.50 }')
    binary = Answer(head={"status": 200}, body=b"\xff\xfe", media="image/png")

    changed = patch_request(request, [parse("request.head.headers.b=d")])

    assert changed.body == request.body
    assert changed.head == {"url": "a", "headers": {"b": "d"}}
    assert request.head["headers"] == {"b": "c"}  # the program's own is not touched
    assert answered(binary, "answer.head.status=500").body == binary.body


def test_one_and_true_are_not_the_same() -> None:
    assert patched(asking({"stream": 1}), "request.body.stream=true") == {"stream": True}


def test_a_list_grows_at_its_end_and_nowhere_else() -> None:
    assert patched(asking({"a": [1]}), "request.body.a[1]=2", "request.body.a[-1]=3") == {"a": [1, 3]}
    with pytest.raises(ValueInvalid) as refused:
        patched(asking({"a": [1]}), "request.body.a[5]=2")
    assert refused.value.facts["problem"] == "there is no 5; there are 1 items, from [0] on"


@pytest.mark.parametrize("text", ["request.body.a.b=1", "request.body.a[0]=1", "request.nowhere.b=1", "request=1"])
def test_a_place_that_is_not_there_is_told_with_what_is(text: str) -> None:
    with pytest.raises(ValueInvalid) as refused:
        patched(asking({"a": "text"}), text)

    assert "there is no" in str(refused.value) or "say which part" in str(refused.value)


def test_an_answer_that_streamed_comes_in_one_piece() -> None:
    chunks = (Chunk(3, Nanoseconds(1), 4), Chunk(3, Nanoseconds(1), 5))
    answer = Answer(body=b"abcdef", media="text/plain", chunks=chunks, turn=3)

    changed = answered(answer, "answer.body=xyz")

    assert (changed.body, changed.chunks, changed.turn) == (b"xyz", (), 0)


def test_a_result_replaces_an_error_or_a_part_of_what_there_was() -> None:
    failed = Answer(raised=Raised(module="builtins", name="KeyError"))

    assert answered(failed, 'result={"a": 1}') == Answer(body=b'{"a":1}')
    assert json.loads(answered(Answer(body=b'{"a": 1, "b": 2}'), "result.a=3").body) == {"a": 3, "b": 2}


def test_a_result_of_an_mcp_tool_is_put_into_the_words_of_the_protocol() -> None:
    body = json.loads(answered(Answer(body=b"{}"), "result=sunny", seam="mcp").body)

    assert body == {"content": [{"type": "text", "text": "sunny"}]}


def test_an_error_is_raised_instead_of_an_answer() -> None:
    changed = answered(Answer(head={"status": 200}, body=b"x", turn=3), "error=httpx.ReadTimeout: too slow")

    assert changed == Answer(
        raised=Raised(module="httpx", name="ReadTimeout", message="too slow", arguments=("too slow",))
    )
    with pytest.raises(ValueInvalid, match="TimeoutError: too slow"):
        answered(Answer(), "error=: nothing")


def test_an_answer_that_was_no_plain_value_can_only_be_replaced() -> None:
    live = Answer(is_live=True, head={"_type": "Client"})

    assert answered(live, "result=1") == Answer(head={"_type": "Client"}, body=b"1")
    with pytest.raises(ValueInvalid, match="give another one"):
        answered(live, "answer.head.x=1")


def test_not_a_number_can_be_given() -> None:
    assert math.isnan(parse("result=NaN").value)


def test_arguments_are_those_of_a_tool_whatever_it_is_asked_by() -> None:
    function = Request(seam="tool", operation="weather", body=b'{"city":"Paris"}')
    over_mcp = Request(seam="mcp", operation="tools/call weather", body=b'{"arguments":{"city":"Paris"}}')

    assert patched(function, "arguments.city=Oslo") == {"city": "Oslo"}
    assert patched(over_mcp, "arguments.city=Oslo") == {"arguments": {"city": "Oslo"}}
    with pytest.raises(ValueInvalid, match="POST a/v1 runs no tool"):
        patched(asking({}), "arguments.city=Oslo")


def test_what_a_framework_gives_a_tool_is_changed_in_a_copy() -> None:
    given, own = {"where": {"city": "Paris"}}, object()

    changed = patch_arguments({**given, "own": own}, [parse("arguments.where.city=Oslo")])

    assert changed == {"where": {"city": "Oslo"}, "own": own}
    assert given == {"where": {"city": "Paris"}}
    assert patch_arguments(given, [parse("arguments={}")]) == {}
    for wrong in ("arguments=1", "arguments.nowhere.city=1"):
        with pytest.raises(ValueInvalid):
            patch_arguments(given, [parse(wrong)])
