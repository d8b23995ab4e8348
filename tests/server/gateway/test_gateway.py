"""The whole gateway, as an agent in any language meets it: by its address alone."""

import contextlib
import json
import time
from pathlib import Path

import pytest

from agentreplay.core.live import settle
from agentreplay.playback.folding import CALL
from agentreplay.store.registry import open_store
from agentreplay.testing import ScriptedModels
from tests.server.gateway.stage import KEY, Stage, chat, perform, staged
from tests.server.requests import trace_request
from tests.server.running import spans_of, waited_for

pytestmark = pytest.mark.slow

GEMINI = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
TALK = [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize(
    ("path", "body", "provider", "framing"),
    [
        ("openai/v1/chat/completions", chat(), "openai", "content-length"),
        (
            "openai/v1/chat/completions",
            chat(stream=True, stream_options={"include_usage": True}),
            "openai",
            "transfer-encoding",
        ),
        ("openai/v1/responses", {"model": "m", "input": "hello", "stream": True}, "openai", "transfer-encoding"),
        (
            "anthropic/v1/messages",
            {"model": "m", "max_tokens": 9, "messages": TALK, "stream": True},
            "anthropic",
            "transfer-encoding",
        ),
        ("gemini/v1beta/models/m:streamGenerateContent?alt=sse", GEMINI, "gcp.gemini", "transfer-encoding"),
        ("ollama/api/chat", {"model": "m", "messages": TALK}, "ollama", "transfer-encoding"),
    ],
)
def test_every_provider_is_passed_on_and_understood(
    stage: Stage, path: str, body: object, provider: str, framing: str
) -> None:
    session = stage.new_session()

    answer = stage.ask(path, body, x_agentreplay_session=session)

    assert answer.status == 200
    tape = stage.tape(session)
    assert [call.answer.body for call in tape.calls if call.answer] == [answer.body]
    assert framing in answer.headers
    span = next(span for span in spans_of(stage.server.folder) if span.session == session and CALL in span.attributes)
    assert (span.kind, span.provider, span.status) == ("llm", provider, "ok")
    assert span.usage.output > 0
    assert tape.session.source == "gateway"


def test_keys_reach_the_provider_and_nothing_else(stage: Stage) -> None:
    session, name = stage.new_session(), "gemini/v1beta/models/m:generateContent"
    goog = "AIzaSyA1234567890abcdefghijklmnopqrstuv"

    stage.ask("proxy/echo/a?b=c", {"say": f"my key is {KEY}"}, x_agentreplay_session=session, x_api_key=KEY)
    stage.ask(f"{name}?key={goog}", GEMINI, x_agentreplay_session=session, x_goog_api_key=goog)

    echoed = [request for request in stage.models.requests if request.path.startswith("/echo/a")][-1]
    assert echoed.headers["authorization"] == f"Bearer {KEY}"
    assert not [header for header in echoed.headers if header.startswith("x-agentreplay")]
    assert any(f"key={goog}" in request.path for request in stage.models.requests)
    kept = repr(stage.tape(session, calls=2))
    assert "redacted" in kept
    assert KEY not in kept
    assert goog not in kept
    for path in stage.server.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert KEY.encode() not in data
            assert goog.encode() not in data


def test_calls_of_one_program_come_together_and_those_of_another_apart(stage: Stage) -> None:
    told = {"user_agent": "one/1", "x_agentreplay_project": "together", "x_agentreplay_agent": "scout"}

    stage.ask("openai/v1/chat/completions", chat("a"), **told)
    stage.ask("anthropic/v1/messages", {"model": "m", "max_tokens": 9, "messages": TALK}, **told)
    stage.ask("openai/v1/chat/completions", chat("a"), **{**told, "user_agent": "two/1"})

    def spans() -> list[tuple[str, str, str | None]]:
        found = [span for span in spans_of(stage.server.folder) if span.project == "together" and span.kind == "llm"]
        return [(span.session, span.attributes[CALL]["path"], span.agent) for span in found]

    assert waited_for(lambda: len(spans()) == 3)
    by_session: dict[str, set[str]] = {}
    for session, path, agent in spans():
        by_session.setdefault(session, set()).add(path)
        assert agent == "scout"
    assert sorted(map(sorted, by_session.values())) == [["main/anthropic", "main/openai"], ["main/openai"]]


def test_a_call_stands_below_the_span_of_its_trace(stage: Stage) -> None:
    """And in one session with spans of that trace that come over OpenTelemetry."""
    trace, parent = f"{7:032x}", f"{7:016x}"

    stage.server.post(trace_request(1, first=7).SerializeToString())
    stage.ask("openai/v1/chat/completions", chat(), traceparent=f"00-{trace}-{parent}-01")

    assert len(stage.tape(trace, calls=2).calls) == 1
    span = next(span for span in spans_of(stage.server.folder) if span.trace_id == trace and span.kind == "llm")
    assert (span.session, span.parent_id) == (trace, parent)
    above = next(span for span in spans_of(stage.server.folder) if span.span_id == parent)
    assert (above.session, above.name) == (trace, "span 7")


def test_the_path_names_the_session_where_no_header_can(stage: Stage) -> None:
    session = stage.new_session()

    assert stage.ask(f"session/{session}/openai/v1/chat/completions", chat()).status == 200

    assert len(stage.tape(session).calls) == 1


def test_what_has_no_body_and_what_is_no_model_pass_too(stage: Stage) -> None:
    session = stage.new_session()

    models = stage.ask("openai/v1/models", method="GET", x_agentreplay_session=session)
    head = stage.ask("proxy/echo/y", method="HEAD", x_agentreplay_session=session)
    echo = stage.ask(
        "proxy/echo/x", b"\x00\xff", content_type="application/octet-stream", x_agentreplay_session=session
    )

    assert models.json["object"] == "list"
    assert (head.status, head.body) == (200, b"")
    assert echo.json["method"] == "POST"
    assert len(stage.tape(session, calls=3).calls) == 3


@pytest.mark.parametrize(
    ("path", "status"),
    [("nobody/v1/x", 404), ("proxy/evil.example/x", 404), ("anthropic/../x", 400), ("anthropic/%2e%2e/x", 400)],
)
def test_the_gateway_leads_nowhere_else(stage: Stage, path: str, status: int) -> None:
    before = len(stage.models.requests)

    answer = stage.ask(path, chat())

    assert answer.status == status
    assert answer.json["error"]
    assert len(stage.models.requests) == before


def test_a_body_that_is_too_large_is_refused_in_the_words_of_the_provider(stage: Stage) -> None:
    answer = stage.ask("anthropic/v1/messages", b"{" + b" " * (65 << 20))

    assert (answer.status, answer.json["type"]) == (413, "error")


def test_a_connection_is_used_again_after_every_kind_of_answer(stage: Stage) -> None:
    connection = stage.connection()
    head = {"content-type": "application/json", "x-agentreplay-session": stage.new_session()}

    for text in ("hello", "limit", "broken", "moved"):
        connection.request("POST", "/gateway/openai/v1/chat/completions", json.dumps(chat(text, stream=True)), head)
        assert connection.getresponse().read()

    connection.close()


def test_an_agent_that_hangs_up_is_recorded_as_that(stage: Stage) -> None:
    session, body = stage.new_session(), json.dumps(chat("slow", stream=True)).encode()
    head = f"POST /gateway/session/{session}/openai/v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n"

    with stage.socket() as connection:
        connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        connection.recv(10)

    began = time.monotonic()
    answer = stage.tape(session).calls[0].answer
    assert answer is not None
    assert answer.raised is not None
    assert answer.raised.message == "the agent went away"
    assert time.monotonic() - began < 10
    text = stage.server.ask("/metrics").body.decode()
    assert 'agentreplay_requests_total{method="POST",route="/gateway/",status="200"}' in text


def test_what_an_agent_got_the_last_of_survives_the_death_of_the_server(tmp_path: Path) -> None:
    """And the session is known to be interrupted, because it never told its end."""
    with ScriptedModels(perform) as models, staged(tmp_path, models) as stage:
        with stage.socket() as connection:
            body = json.dumps(chat("hello", stream=True)).encode()
            head = b"POST /gateway/session/killed/openai/v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n"
            connection.sendall(head + b"content-length: %d\r\n\r\n" % len(body) + body)
            got = b""
            while b"[DONE]" not in got:
                got += connection.recv(1 << 16)
            stage.server.process.kill()
        stage.server.process.wait(20)

        tape = stage.tape("killed")

        answer = tape.calls[0].answer
        assert answer is not None
        assert answer.body.endswith(b"data: [DONE]\n\n")
        with contextlib.closing(open_store(tmp_path)) as store:
            assert [key.session for key in settle(store, tmp_path, time.time_ns)] == ["killed"]
