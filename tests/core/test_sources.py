"""One session is told by its agent's hooks, by its telemetry and by its file: nothing appears or is charged twice."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2

from agentreplay.core.hooks import KIND, VERSION
from agentreplay.core.ingest import Request, payload_of
from agentreplay.core.transcript_files import find
from agentreplay.core.transcripts import Importer
from agentreplay.intake.transcripts.claude_code import CLAUDE_CODE
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.journal.frame import REQUEST
from agentreplay.store.journal.posting import post
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.registry import open_store
from agentreplay.testing import NEW_YEAR
from tests.core.hooked import KEY, WHOLE
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


def log_of(**fields: Any) -> logs_service_pb2.ExportLogsServiceRequest:
    request = logs_service_pb2.ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=NEW_YEAR, **fields)
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
    requests = [
        log_of(body=any_value("claude_code.api_request"), attributes=key_values({**named, **used})),
        log_of(body=any_value("claude_code.tool_result"), attributes=key_values(tool)),
    ]
    writer = JournalWriter(folder)
    for request in requests:
        told = Request(
            tenant=KEY.tenant, project=KEY.project, signal="logs", encoding="protobuf",
            received=Nanoseconds(NEW_YEAR), body=request.SerializeToString(),
        )  # fmt: skip
        writer.append_payloads(REQUEST, 1, [payload_of(told)])
    writer.close()


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
