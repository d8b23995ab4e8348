"""An answer that a gateway recorded and the agent's file tells of too is charged once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentreplay.core.recorded_answers import note_recording
from agentreplay.intake.transcripts.telling import COPIED, RECORDED
from agentreplay.model.ids import SessionId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.playback.folding import CALL
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.transcripts import Importing

THEIRS, RUN = "0f8e9c1a-0000-4000-8000-000000000001", SessionId("run-1")


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Importing]:
    made = Importing(tmp_path / "data")
    yield made
    made.close()


def call(make: Maker, importing: Importing, name: str, usage: Usage, session: SessionId = RUN) -> Span:
    """What the gateway keeps of a call."""
    return make.span(
        tenant=importing.tenant,
        project=importing.project,
        session=session,
        kind="llm",
        start=Nanoseconds(NEW_YEAR),
        end=Nanoseconds(NEW_YEAR + 9),
        model="claude-sonnet-4",
        provider="anthropic",
        usage=usage,
        cost=NanoDollars(5),
        attributes={CALL: {"path": "main", "ordinal": 1}, "gen_ai.response.id": name},
    )


def note(importing: Importing, tmp_path: Path, recording: SessionId = RUN) -> None:
    note_recording(tmp_path / "data", SessionKey(importing.tenant, importing.project, recording), THEIRS)


def claude_code(*messages: str) -> bytes:
    """A session in which the model answered with these messages."""
    lines: list[dict[str, Any]] = [
        {"type": "user", "uuid": "u", "parentUuid": None, "message": {"role": "user", "content": "go"}}
    ]
    for message in messages:
        used = {"input_tokens": 10, "output_tokens": 3}
        content = [{"type": "text", "text": message}]
        told = {"id": message, "role": "assistant", "model": "claude-sonnet-4", "usage": used, "content": content}
        lines.append({"type": "assistant", "uuid": message, "requestId": f"req_{message}", "message": told})
    moment = {"timestamp": "2025-06-01T00:00:00Z", "sessionId": THEIRS}
    return b"".join(json.dumps({**line, **moment}).encode() + b"\n" for line in lines)


def answers(importing: Importing, session: str = THEIRS) -> dict[object, Span]:
    return {span.attributes.get("message_id"): span for span in importing.spans(session) if span.kind == "llm"}


def test_what_the_gateway_recorded_costs_nothing_in_the_file(importing: Importing, make: Maker, tmp_path: Path) -> None:
    used = Usage(input=10, output=3)
    importing.store.append(batch_of(call(make, importing, "msg_1", used)))
    note(importing, tmp_path)
    path = tmp_path / "session.jsonl"
    path.write_bytes(claude_code("msg_1", "msg_2"))

    importing.read(path)

    told = answers(importing)
    assert (told["msg_1"].usage, told["msg_1"].cost) == (Usage(), 0)
    assert (told["msg_1"].attributes[COPIED], told["msg_1"].attributes[RECORDED]) == (True, RUN)
    assert told["msg_2"].usage == used, "it went another way"
    assert told["msg_2"].cost


def test_a_file_that_grows_while_it_is_recorded_is_charged_once(
    importing: Importing, make: Maker, tmp_path: Path
) -> None:
    """As watching reads it: each answer was recorded just before its line was written."""
    note(importing, tmp_path)
    path, importing.now = tmp_path / "session.jsonl", 0
    messages: list[str] = []

    for number in range(3):
        messages.append(f"msg_{number}")
        importing.store.append(batch_of(call(make, importing, messages[-1], Usage(input=10, output=3))))
        path.write_bytes(claude_code(*messages))
        importing.read(path)

    charged = sum(span.usage.total for span in importing.spans() if span.kind == "llm")
    assert charged == 3 * 13
    assert {span.attributes[RECORDED] for span in answers(importing).values()} == {RUN}


def test_where_the_gateway_has_the_name_of_the_session_too_each_call_counts_once(
    importing: Importing, make: Maker, tmp_path: Path
) -> None:
    own = SessionId(THEIRS)
    importing.store.append(batch_of(call(make, importing, "msg_1", Usage(input=10, output=3), own)))
    note(importing, tmp_path, own)
    path = tmp_path / "session.jsonl"
    path.write_bytes(claude_code("msg_1"))

    importing.read(path)

    assert importing.session(THEIRS).summary.usage == Usage(input=10, output=3)


def test_a_call_that_told_no_tokens_is_charged_by_the_file(importing: Importing, make: Maker, tmp_path: Path) -> None:
    """One that broke off, say."""
    importing.store.append(batch_of(call(make, importing, "msg_1", Usage())))
    note(importing, tmp_path)
    path = tmp_path / "session.jsonl"
    path.write_bytes(claude_code("msg_1"))

    importing.read(path)

    assert answers(importing)["msg_1"].usage.total == 13


def test_an_agent_that_names_no_answers_is_known_by_what_they_used(
    importing: Importing, make: Maker, tmp_path: Path
) -> None:
    """Codex tells no ids of answers; a recorded call stands for one of those that used the same."""
    used = Usage(input=60, cache_read=40, output=7, reasoning=5)
    importing.store.append(batch_of(call(make, importing, "resp_1", used)))
    note(importing, tmp_path)
    path = tmp_path / f"rollout-2025-06-01T00-00-00-{THEIRS}.jsonl"
    path.write_bytes(codex(2))

    importing.read(path)

    charged = [span.usage.total for span in importing.spans(THEIRS) if span.kind == "llm"]
    assert sorted(charged) == [0, used.total]


def codex(calls: int) -> bytes:
    def line(second: int, kind: str, payload: dict[str, Any]) -> bytes:
        told = {"timestamp": f"2025-06-01T00:00:{second:02}Z", "type": kind, "payload": payload}
        return json.dumps(told).encode() + b"\n"

    names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens")
    lines = [line(0, "session_meta", {"id": THEIRS}), line(1, "turn_context", {"model": "gpt-5"})]
    for number in range(1, calls + 1):
        last, total = (
            dict(zip(names, [count * times for count in (100, 40, 12, 5, 112)], strict=True)) for times in (1, number)
        )
        said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "done"}]}
        info = {"last_token_usage": last, "total_token_usage": total}
        lines.append(line(2 * number, "response_item", said))
        lines.append(line(2 * number + 1, "event_msg", {"type": "token_count", "info": info}))
    return b"".join(lines)


def test_nothing_is_opened_where_nothing_is_recorded(
    importing: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most sessions go through no gateway, and an import of many must not wait for what was written to be indexed."""
    path = tmp_path / "session.jsonl"
    path.write_bytes(claude_code("msg_1"))
    drained: list[bool] = []
    monkeypatch.setattr(importing.store, "drain", lambda: drained.append(True))

    importing.read(path)

    assert not drained
