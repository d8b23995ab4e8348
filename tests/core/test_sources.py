"""One session is told by hooks, telemetry, its file and a gateway: nothing appears or is charged twice."""

import json
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2

from agentreplay.core.hooks import KIND, VERSION
from agentreplay.core.ingest import Request, payload_of
from agentreplay.core.transcript_files import find
from agentreplay.core.transcripts import Importer
from agentreplay.intake.transcripts.claude_code import CLAUDE_CODE
from agentreplay.intake.transcripts.codex import CODEX
from agentreplay.intake.transcripts.gemini_cli import GEMINI_CLI
from agentreplay.model.call import NOWHERE, Answer, Crossing
from agentreplay.model.call import Request as CallRequest
from agentreplay.model.ids import SessionId, SpanId, TraceId
from agentreplay.model.query import SessionFilter
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.values import encode
from agentreplay.settings import Settings
from agentreplay.store.journal.frame import CALL, CALL_VERSION, REQUEST
from agentreplay.store.journal.posting import post
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store
from agentreplay.testing import NEW_YEAR
from tests.core.hooked import KEY, WHOLE, payload
from tests.server.requests import any_value, key_values

LINES = [
    {
        "type": "user", "uuid": "u1", "parentUuid": None, "sessionId": "s1", "timestamp": "2026-01-01T00:00:01Z",
        "cwd": "/srv/shop", "message": {"role": "user", "content": "fix the parser"},
    },
    {
        "type": "assistant", "uuid": "a1", "parentUuid": "u1", "sessionId": "s1", "timestamp": "2026-01-01T00:00:02Z",
        "requestId": "req_1",
        "message": {
            "id": "msg_1", "role": "assistant", "model": "claude-sonnet-4-20250514",
            "content": [{"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}],
            "usage": {"input_tokens": 100, "output_tokens": 10},
        },
    },
    {
        "type": "user", "uuid": "u2", "parentUuid": "a1", "sessionId": "s1", "timestamp": "2026-01-01T00:00:03Z",
        "message": {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "exit 1", "is_error": True}],
        },
    },
]  # fmt: skip


def read_file(folder: Path) -> None:
    path = folder / "s1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    settings = Settings(db_path=folder)
    writer = JournalWriter(folder)
    importer = Importer(settings, writer, lambda: NEW_YEAR + 3600 * SECOND)
    (found,) = find([CLAUDE_CODE], path, folder, {})
    importer.read(found)
    importer.close()
    writer.close()


def run_hooks(folder: Path) -> None:
    for one in WHOLE:
        post(str(folder), KIND, VERSION, one)


def log_of(second: float = 0, **fields: Any) -> logs_service_pb2.ExportLogsServiceRequest:
    request = logs_service_pb2.ExportLogsServiceRequest()
    time = NEW_YEAR + round(second * SECOND)
    request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=time, **fields)
    return request


def log_telemetry(folder: Path) -> None:
    named = {
        "session.id": "s1",
        "event.name": "api_request",
        "request_id": "req_1",
        "model": "claude-sonnet-4-20250514",
    }
    used = {"input_tokens": 100, "output_tokens": 10, "cost_usd": 0.00045, "query_source": "main"}
    tool = {"session.id": "s1", "tool_name": "Bash", "tool_use_id": "toolu_1", "duration_ms": 5}
    send_logs(
        folder,
        log_of(body=any_value("claude_code.api_request"), attributes=key_values({**named, **used})),
        log_of(body=any_value("claude_code.tool_result"), attributes=key_values(tool)),
    )


def send_logs(folder: Path, *requests: logs_service_pb2.ExportLogsServiceRequest) -> None:
    writer = JournalWriter(folder)
    for request in requests:
        told = Request(
            tenant=KEY.tenant, project=KEY.project, signal="logs", encoding="protobuf",
            received=Nanoseconds(NEW_YEAR), body=request.SerializeToString(),
        )  # fmt: skip
        writer.append_payloads(REQUEST, 1, [payload_of(told)])
    writer.close()


def record_answer(folder: Path, url: str, answer: dict[str, Any], second: float, headers: Any = ()) -> None:
    """What a gateway keeps of a call, in a session of its own."""
    body = json.dumps({"model": answer["model"], "messages": [], "contents": [], "input": "", "max_tokens": 9})
    crossing = Crossing(
        tenant=KEY.tenant,
        project=KEY.project,
        session=SessionId("run"),
        trace_id=TraceId("ab" * 16),
        span_id=SpanId(blake3(repr((url, answer, second)).encode()).hexdigest()[:16]),
        parent_id=None,
        agent=None,
        iteration=None,
        path="main/upstream",
        ordinal=1,
        site=NOWHERE,
        started=Nanoseconds(NEW_YEAR + round((second - 1) * SECOND)),
        ended=Nanoseconds(NEW_YEAR + round(second * SECOND)),
        request=CallRequest(seam="http", operation="POST", head={"url": url, "method": "POST"}, body=body.encode()),
        answer=Answer(head={"status": 200, "headers": list(headers)}, body=json.dumps(answer).encode()),
    )
    with closing(JournalWriter(folder)) as writer:
        writer.append_payloads(CALL, CALL_VERSION, [encode(crossing)])


def record_at_gateway(folder: Path) -> None:
    answer = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-20250514",
        "content": [{"type": "text", "text": "on it"}], "usage": {"input_tokens": 100, "output_tokens": 10},
    }  # fmt: skip
    record_answer(folder, "https://api.anthropic.com/v1/messages", answer, 2, [["request-id", "req_1"]])


def _named(order: Any) -> str:
    return " ".join(tell.__name__ for tell in order)


@pytest.mark.parametrize("order", list(permutations([read_file, run_hooks, log_telemetry])), ids=_named)
def test_one_session_is_told_by_three_sources_in_any_order(tmp_path: Path, order: Any) -> None:
    """Nothing appears twice, and nothing is charged twice."""
    store = open_store(tmp_path)
    for tell in order:
        tell(tmp_path)
        store.drain()

    row = store.sessions.get(KEY)
    spans = store.spans.read(KEY)
    conflicts = store.statistics().conflicts
    store.close()

    assert row is not None
    kinds = [span.kind for span in spans]
    assert (kinds.count("llm"), [span.tool for span in spans if span.tool]) == (1, ["Bash", "Bash"])
    assert (row.summary.usage.input, row.summary.usage.output) == (100, 10)
    assert row.summary.cost == 450_000
    assert conflicts == 0
    tool = next(span for span in spans if span.tool)
    assert any(span.span_id == tool.parent_id and span.kind == "step" for span in spans), "what the file tells counts"
    assert (row.session.agent, row.session.name) == ("claude-code", "fix the parser")


def total(store: Store) -> tuple[int, int]:
    """The tokens and the cost of all that is in the store."""
    rows = store.sessions.find(SessionFilter(tenant=KEY.tenant)).items
    return sum(row.summary.usage.total for row in rows), sum(row.summary.cost for row in rows)


def charges_in_order(folder: Path, order: Any) -> tuple[int, int]:
    with closing(open_store(folder)) as store:
        for tell in order:
            tell(folder)
            store.drain()
        assert store.statistics().conflicts == 0
        return total(store)


@pytest.mark.parametrize("order", list(permutations([read_file, log_telemetry, record_at_gateway])), ids=_named)
def test_what_went_through_the_gateway_is_charged_there_in_any_order(tmp_path: Path, order: Any) -> None:
    assert charges_in_order(tmp_path, order) == (110, 450_000)


def test_telemetry_and_the_gateway_charge_once_without_a_file(tmp_path: Path) -> None:
    assert charges_in_order(tmp_path, [record_at_gateway, log_telemetry]) == (110, 450_000)


GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
READ, CACHED, SAID, THOUGHT = 1_000, 400, 50, 20


def record_gemini(folder: Path) -> None:
    """Two calls, of which the agent tells nobody the session."""
    for second, more in ((2, 0), (5, 70)):
        used = {
            "promptTokenCount": READ + more, "cachedContentTokenCount": CACHED, "candidatesTokenCount": SAID,
            "thoughtsTokenCount": THOUGHT, "totalTokenCount": READ + more + SAID + THOUGHT,
        }  # fmt: skip
        candidate = {"content": {"role": "model", "parts": [{"text": "done"}]}, "finishReason": "STOP"}
        answer = {
            "candidates": [candidate], "usageMetadata": used, "model": "gemini-2.5-flash",
            "modelVersion": "gemini-2.5-flash", "responseId": f"r{second}",
        }  # fmt: skip
        record_answer(folder, GEMINI, answer, second)


def read_gemini(folder: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"sessionId": "g1", "projectHash": "abc", "startTime": "2026-01-01T00:00:00Z", "kind": "main"},
        {"id": "m1", "timestamp": "2026-01-01T00:00:01Z", "type": "user", "content": [{"text": "deploy"}]},
    ]
    for second, more in ((2, 0), (5, 70)):
        used = {
            "input": READ + more, "output": SAID, "cached": CACHED, "thoughts": THOUGHT, "tool": 0,
            "total": READ + more + SAID + THOUGHT,
        }  # fmt: skip
        lines.append({
            "id": f"a{second}", "timestamp": f"2026-01-01T00:00:0{second}.300Z", "type": "gemini", "content": "done",
            "model": "gemini-2.5-flash", "tokens": used,
        })  # fmt: skip
    path = folder / "session-1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with closing(JournalWriter(folder)) as writer:
        importer = Importer(Settings(db_path=folder), writer, lambda: NEW_YEAR + 3600 * SECOND)
        (found,) = find([GEMINI_CLI], path, folder, {})
        importer.read(found)
        importer.close()


def hook_gemini(folder: Path) -> None:
    post(str(folder), KIND, VERSION, payload("BeforeAgent", 1, session_id="g1", prompt="deploy"))


@pytest.mark.parametrize("order", list(permutations([record_gemini, read_gemini, hook_gemini])), ids=_named)
def test_gemini_cli_tells_the_gateway_no_session_and_is_charged_once(tmp_path: Path, order: Any) -> None:
    """Its calls are known by what they used, and when."""
    tokens = 2 * (READ + SAID + THOUGHT) + 70
    dollars = (2 * (READ - CACHED) + 70) * 300 + 2 * CACHED * 30 + 2 * (SAID + THOUGHT) * 2_500

    assert charges_in_order(tmp_path, order) == (tokens, dollars)


def log_gemini(folder: Path) -> None:
    """Each answer is told twice, in its own words and in those of the conventions."""
    for second, more in ((2, 0), (5, 70)):
        own = {
            "session.id": "g1", "event.name": "gemini_cli.api_response", "model": "gemini-2.5-flash",
            "input_token_count": READ + more, "cached_content_token_count": CACHED, "output_token_count": SAID,
            "thoughts_token_count": THOUGHT, "tool_token_count": 0,
        }  # fmt: skip
        conventional = {
            "session.id": "g1", "event.name": "gen_ai.client.inference.operation.details",
            "gen_ai.operation.name": "generate_content", "gen_ai.request.model": "gemini-2.5-flash",
            "gen_ai.usage.input_tokens": READ + more, "gen_ai.usage.output_tokens": SAID,
        }  # fmt: skip
        requests = [log_of(second + 0.2, attributes=key_values(told)) for told in (own, conventional)]
        for request in requests:
            request.resource_logs[0].resource.attributes.extend(key_values({"service.name": "gemini-cli"}))
        send_logs(folder, *requests)


@pytest.mark.parametrize("order", [*permutations([read_gemini, log_gemini]), (log_gemini,)], ids=_named)
def test_gemini_cli_is_charged_once_for_its_file_and_its_telemetry(tmp_path: Path, order: Any) -> None:
    tokens = 2 * (READ + SAID + THOUGHT) + 70
    dollars = (2 * (READ - CACHED) + 70) * 300 + 2 * CACHED * 30 + 2 * (SAID + THOUGHT) * 2_500

    assert charges_in_order(tmp_path, order) == (tokens, dollars)


CODEX_USED = {"input_tokens": READ, "cached_input_tokens": CACHED, "output_tokens": SAID + THOUGHT}


def read_codex(folder: Path) -> None:
    used = CODEX_USED | {"reasoning_output_tokens": THOUGHT, "total_tokens": READ + SAID + THOUGHT}
    counted = {"type": "token_count", "info": {"total_token_usage": used, "last_token_usage": used}}
    said = [{"type": "output_text", "text": "done"}]
    payloads: list[tuple[str, dict[str, Any]]] = [
        ("session_meta", {"id": "x1", "cwd": "/srv", "model_provider": "openai", "timestamp": "2026-01-01T00:00:00Z"}),
        ("turn_context", {"model": "gpt-5", "cwd": "/srv"}),
        ("event_msg", {"type": "user_message", "message": "deploy"}),
        ("response_item", {"type": "message", "role": "assistant", "content": said}),
        ("event_msg", counted),
    ]
    lines = [
        {"timestamp": f"2026-01-01T00:00:0{second}Z", "type": kind, "payload": payload}
        for second, (kind, payload) in enumerate(payloads)
    ]
    path = folder / "rollout-2026-01-01T00-00-00-x1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with closing(JournalWriter(folder)) as writer:
        importer = Importer(Settings(db_path=folder), writer, lambda: NEW_YEAR + 3600 * SECOND)
        (found,) = find([CODEX], path, folder, {})
        importer.read(found)
        importer.close()


def log_codex(folder: Path) -> None:
    """Each event is told twice; one of the two does not say what it is called."""
    used = {
        "conversation.id": "x1", "event.kind": "response.completed", "event.timestamp": "2026-01-01T00:00:04.100Z",
        "model": "gpt-5", "input_token_count": str(READ), "cached_token_count": CACHED,
        "output_token_count": str(SAID + THOUGHT), "reasoning_token_count": THOUGHT,
        "tool_token_count": str(READ + SAID + THOUGHT),
    }  # fmt: skip
    twins = [log_of(4.1, attributes=key_values(told)) for told in (used, used | {"event.name": "codex.sse_event"})]
    for twin in twins:
        twin.resource_logs[0].resource.attributes.extend(key_values({"service.name": "codex_cli_rs"}))
    send_logs(folder, *twins)


@pytest.mark.parametrize("order", [*permutations([read_codex, log_codex]), (log_codex,)], ids=_named)
def test_codex_is_charged_once_for_its_file_and_its_telemetry(tmp_path: Path, order: Any) -> None:
    dollars = (READ - CACHED) * 1_250 + CACHED * 125 + (SAID + THOUGHT) * 10_000

    assert charges_in_order(tmp_path, order) == (READ + SAID + THOUGHT, dollars)
