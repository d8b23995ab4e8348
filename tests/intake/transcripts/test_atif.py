"""What is read of ATIF: steps, metrics, copied contexts and the trajectories of sub-agents."""

from typing import Any

import pytest

from tests.intake.transcripts.conftest import Written
from tests.transcripts import Importing

METRICS = {"prompt_tokens": 50, "cached_tokens": 20, "completion_tokens": 5, "cost_usd": 0.25}


def trajectory(version: str, **fields: Any) -> dict[str, Any]:
    call = {"tool_call_id": "t1", "function_name": "search", "arguments": {"q": "x"}}
    result = {"source_call_id": "t1", "content": "found", "subagent_trajectory_ref": [{"trajectory_id": "inner"}]}
    return {
        "schema_version": f"ATIF-v{version}",
        "session_id": "a1",
        "agent": {"name": "harbor", "version": "2", "model_name": "some-model"},
        "steps": [
            {"step_id": 1, "timestamp": "2026-03-01T00:00:00Z", "source": "user", "message": "find x"},
            {
                "step_id": 2,
                "timestamp": "2026-03-01T00:00:02Z",
                "source": "agent",
                "message": "searching",
                "reasoning_content": "where?",
                "tool_calls": [call],
                "observation": {"results": [result]},
                "metrics": METRICS,
            },
        ],
        **fields,
    }


@pytest.mark.parametrize("version", ["1.0", "1.2", "1.4", "1.6", "1.7"])
def test_steps_are_read_in_every_version(importing: Importing, write: Written, version: str) -> None:
    importing.read(write("a1.json", trajectory(version)))

    turn, call, tool = (
        next(span for span in importing.spans() if span.kind == kind) for kind in ("step", "llm", "tool")
    )
    assert (turn.parent_id, call.model) == (None, "some-model")
    assert (call.usage.input, call.usage.cache_read, call.usage.output, call.cost) == (30, 20, 5, 250_000_000)
    assert (tool.tool, importing.kept(tool, "answer")) == ("search", "found")


def test_a_copied_context_is_not_paid_for_again(importing: Importing, write: Written) -> None:
    told = trajectory("1.7")
    told["steps"][1]["is_copied_context"] = True

    importing.read(write("a1.json", told))

    assert importing.session("a1").summary.usage.total == 0
    assert importing.session("a1").summary.cost == 0


def test_a_sub_agent_stands_below_the_call_that_refers_to_it(importing: Importing, write: Written) -> None:
    inner = {**trajectory("1.7"), "trajectory_id": "inner", "agent": {"name": "scout"}}
    inner["steps"][1]["observation"] = {}

    importing.read(write("a1.json", trajectory("1.7", subagent_trajectories=[inner])))

    (agent,) = [span for span in importing.spans() if span.kind == "agent"]
    tool = next(span for span in importing.spans() if span.kind == "tool" and span.agent == "atif")
    assert (agent.parent_id, agent.name) == (tool.span_id, "scout")
    assert [span.kind for span in importing.spans() if span.parent_id == agent.span_id] == ["llm", "tool"]
