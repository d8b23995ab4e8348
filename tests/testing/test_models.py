"""Models with a script, asked as programs ask them: over HTTP, in each provider's words."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from agentreplay.intake.providers import answer, ask
from agentreplay.intake.providers.samples import picture
from agentreplay.model.usage import Usage
from agentreplay.testing import Line, Reply, ScriptedModels, ToolCall

HELLO = [{"role": "user", "content": "hello"}]
CALLS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": HELLO, "stream_options": {"include_usage": True}},
    "/v1/responses": {"input": HELLO},
    "/v1/messages": {"messages": HELLO},
    "/v1beta/models/m:generateContent": {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]},
    "/v1beta/models/m:streamGenerateContent": {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]},
    "/v1beta/models/m:streamGenerateContent?alt=sse": {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]},
    "/api/chat": {"messages": HELLO},
    "/v2/chat": {"messages": HELLO},
    "/model/m/converse": {"messages": [{"role": "user", "content": [{"text": "hello"}]}]},
    "/model/m/converse-stream": {"messages": [{"role": "user", "content": [{"text": "hello"}]}]},
}


def send(url: str, body: Any = None, method: str | None = None) -> tuple[Mapping[str, str], bytes]:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"content-type": "application/json"}, method=method), timeout=20) as response:
        return response.headers, response.read()


def chat(models: ScriptedModels, text: str, **more: Any) -> Any:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    return json.loads(send(f"{models.url}/v1/chat/completions", body)[1])


def text_of(said: Any) -> str:
    return str(said["choices"][0]["message"]["content"])


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("path", CALLS)
def test_a_reply_is_said_in_the_words_of_the_call(path: str, streams: bool) -> None:  # noqa: FBT001
    call = ToolCall(id="c1", name="weather", arguments={"city": "Paris"})
    reply = Reply(text="Let me look.", tool_calls=(call,), usage=Usage(input=3, output=5))
    body = {"model": "m", "stream": streams, **CALLS[path]}

    with ScriptedModels([reply]) as models:
        _, content = send(models.url + path, body)
        asked = ask(models.url + path, body)

    assert asked is not None
    answered = answer(asked, 200, [content])
    assert (answered.text, answered.usage, answered.complete) == (reply.text, reply.usage, True)
    assert [(said.name, said.arguments) for said in answered.tool_calls] == [("weather", {"city": "Paris"})]


@pytest.mark.parametrize(("accept", "media"), [("image/png", "image/png"), ("*/*", "application/json")])
def test_a_body_of_bytes_is_answered_as_it_is_wanted(accept: str, media: str) -> None:
    with ScriptedModels([Reply(text="a cat")]) as models:
        url = f"{models.url}/hf-inference/models/a/b"
        with urlopen(Request(url, picture(), {"content-type": "image/png", "accept": accept}), timeout=20) as response:
            assert response.headers["content-type"] == media


def test_a_stream_is_a_stream() -> None:
    with ScriptedModels([Line(text="one two", pause=0.001)]) as models:
        headers, content = send(f"{models.url}/v1/messages", {"messages": HELLO, "stream": True})

    assert (headers["content-type"], headers["transfer-encoding"]) == ("text/event-stream", "chunked")
    assert content.endswith(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')


def test_the_server_tells_what_it_was_asked() -> None:
    with ScriptedModels([Reply(text="one"), Reply(text="two")]) as models:
        chat(models, "first")
        chat(models, "second")

    assert [request.body["messages"][0]["content"] for request in models.requests] == ["first", "second"]


def test_answers_do_not_depend_on_who_comes_first() -> None:
    topics = [f"topic {number}." for number in range(20)]
    script = [Line(text=f"of {topic}", when=topic, after=(7 - number) % 5 / 200) for number, topic in enumerate(topics)]

    def play(order: Sequence[str]) -> dict[str, Any]:
        with ScriptedModels(script) as models, ThreadPoolExecutor(len(order)) as pool:
            return dict(zip(order, pool.map(lambda topic: chat(models, topic), order), strict=True))

    forwards, backwards = play(topics), play(topics[::-1])

    assert forwards == backwards
    assert {topic: text_of(said) for topic, said in forwards.items()} == {topic: f"of {topic}" for topic in topics}


def test_an_error_has_its_headers() -> None:
    script = [Line(status=429, text="slow down", headers={"retry-after": "3"})]

    with ScriptedModels(script) as models, pytest.raises(HTTPError) as refused:
        chat(models, "hello", stream=True)

    with refused.value as error:
        assert (error.code, error.headers["retry-after"]) == (429, "3")
        assert json.loads(error.read())["error"]["message"] == "slow down"


def test_a_redirect_leads_on() -> None:
    with ScriptedModels([Line(status=302, headers={"location": "/echo"})]) as models:
        assert chat(models, "hello") == {"method": "GET", "path": "/echo", "body": ""}


def test_the_connection_is_reset() -> None:
    with ScriptedModels([Line(cut=0)]) as models, pytest.raises(ConnectionResetError):
        chat(models, "hello")


def test_a_stream_breaks_off() -> None:
    with ScriptedModels([Line(text="one two three", cut=3)]) as models, pytest.raises(IncompleteRead) as broken:
        chat(models, "hello", stream=True)

    assert broken.value.partial.count(b"data: ") == 3


def test_a_script_that_raises_is_heard() -> None:
    def fail(*_: Any) -> Reply:
        raise LookupError("no such line")

    with ScriptedModels(fail) as models, pytest.raises(HTTPError) as refused:
        chat(models, "hello")

    with refused.value as error:
        assert "no such line" in json.loads(error.read())["error"]["message"]


def test_without_a_script_a_tool_is_called_and_then_answered() -> None:
    tools = [{"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}]

    with ScriptedModels() as models:
        first = chat(models, "hello", tools=tools)["choices"][0]["message"]
        result = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": "noon"}
        said = chat(models, "", tools=tools, messages=[*HELLO, first, result])

    assert first["tool_calls"][0]["function"] == {"name": "now", "arguments": "{}"}
    assert text_of(said) == "The answer is 42."


def test_texts_are_embedded() -> None:
    with ScriptedModels() as models:
        _, content = send(f"{models.url}/v1/embeddings", {"model": "m", "input": ["a", "b"], "dimensions": 3})

    assert [len(entry["embedding"]) for entry in json.loads(content)["data"]] == [3, 3]


def test_the_models_are_listed() -> None:
    with ScriptedModels(models=("one", "two")) as models:
        listed = json.loads(send(f"{models.url}/v1/models")[1])

    assert [entry["id"] for entry in listed["data"]] == ["one", "two"]
    assert [entry["name"] for entry in listed["models"]] == ["models/one", "models/two"]


@pytest.mark.parametrize(
    ("path", "told"),
    [("/v1/messages/count_tokens", {"input_tokens": 3}), ("/v1beta/models/m:countTokens", {"totalTokens": 3})],
)
def test_tokens_are_counted(path: str, told: dict[str, int]) -> None:
    with ScriptedModels() as models:
        assert json.loads(send(models.url + path, {"contents": "one two three"})[1]) == told


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_program_that_asks_no_model_hears_itself(method: str) -> None:
    body = None if method == "GET" else {"a": [1]}

    with ScriptedModels() as models:
        said = json.loads(send(f"{models.url}/echo/x?y=z", body, method)[1])

    assert said == {"method": method, "path": "/echo/x?y=z", "body": body or ""}


def test_an_unknown_address_is_not_found() -> None:
    with ScriptedModels() as models, pytest.raises(HTTPError) as refused:
        send(f"{models.url}/v1/nothing", {})

    with refused.value as error:
        assert error.code == 404
