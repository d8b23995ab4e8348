"""What is read of OpenCode: sub-agents below the call that set them to work, and tokens as told."""

import json
from pathlib import Path

from tests.transcripts import Importing, corpus

NAME = "opencode-subagent_session.json"


def test_tokens_are_those_of_a_hand_count(importing: Importing, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(corpus()[NAME])
    told = json.loads(corpus()[NAME])
    messages = [*told["messages"], *[one for child in told["childSessions"] for one in child["messages"]]]
    tokens = [one["info"]["tokens"] for one in messages if "tokens" in one["info"]]

    importing.read(tmp_path / NAME)

    usage = importing.session("ses_parent").summary.usage
    assert (usage.input, usage.output) == (sum(one["input"] for one in tokens), sum(one["output"] for one in tokens))
    assert (usage.reasoning, usage.cache_read) == (
        sum(one["reasoning"] for one in tokens),
        sum(one["cache"]["read"] for one in tokens),
    )


def test_a_sub_agent_stands_below_the_call_that_set_it_to_work(importing: Importing, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(corpus()[NAME])

    importing.read(tmp_path / NAME)

    spans = importing.spans("ses_parent")
    (task,) = [span for span in spans if span.tool == "task"]
    (agent,) = [span for span in spans if span.kind == "agent"]
    assert (agent.parent_id, agent.name) == (task.span_id, "general")
    assert [span.kind for span in spans if span.parent_id == agent.span_id] == ["llm"]
    assert (task.start, task.end) == (1_500_000_000, 2_900_000_000)
