"""The calls that programs written for Agent Replay make, each against a real server."""

from collections.abc import Iterator
from typing import Any

import pytest

from agentreplay.client.agent_replay import AgentReplayClient
from tests.server.running import Running, waited_for


@pytest.fixture
def client(server: Running) -> Iterator[AgentReplayClient]:
    with AgentReplayClient(server.address, project="seeds") as found:
        yield found


def test_a_trace_with_children_is_told_and_asked_for(client: AgentReplayClient) -> None:
    with client.trace("agent", agent="planner") as root:
        with root.child("think", kind="llm") as call:
            call.set_model("gpt-4o", "openai")
            call.set_messages([{"role": "user", "content": "hello"}])
            call.set_output("hi")
            call.set_token_count(5, input=7)
            call.add_event("first token", after=1)
        with pytest.raises(RuntimeError), root.child("look", kind="tool", tool="search"):
            raise RuntimeError("no network")

    def rows() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.query_traces()["items"]
        return [row for row in found if row["session"] == root.session and row["end"] is not None]

    assert waited_for(lambda: len(rows()) == 3)
    children = client.get_children(root.trace_id, root.span_id)["items"]
    assert [row["name"] for row in children] == ["think", "look"]
    assert (children[0]["usage"]["output"], children[0]["usage"]["input"]) == (5, 7)
    assert (children[1]["status"], children[1]["tool"]) == ("error", "search")
    assert [row["name"] for row in client.get_ancestors(root.trace_id, call.span_id)["items"]] == ["agent"]
    assert len(client.get_descendants(root.trace_id, root.span_id)["items"]) == 2
    assert client.get_path(root.trace_id, call.span_id, root.span_id) is not None
    whole = client.get(root.trace_id, call.span_id)
    assert (whole["model"], whole["events"][0]["name"]) == ("gpt-4o", "first token")
    assert (whole["cost"] or 0) > 0
    assert len(client.filter_by_session(root.session)["items"]) == 3
    assert client.messages(root.trace_id, call.span_id, project="seeds")["messages"][0]


def test_single_calls_and_ranges_and_latencies(client: AgentReplayClient) -> None:
    tool = client.create_tool_trace("lookup", input={"a": 1}, output="found")
    model = client.track_llm_call("gpt-4o", [{"role": "user", "content": "x"}], "y", provider="openai")
    open_one = client.create_trace("open")
    started = open_one._told["start"]

    def names() -> set[str]:
        return {row["name"] for row in client.query_temporal_range(started - 10**10, started + 1)["items"]}

    assert waited_for(lambda: {"lookup", "chat gpt-4o", "open"} <= names())
    client.update_trace(open_one.trace_id, open_one.span_id, status_message="closed by hand")
    assert waited_for(lambda: client.get(open_one.trace_id, open_one.span_id)["end"] is not None)
    assert client.get(tool.trace_id, tool.span_id)["kind"] == "tool"
    assert client.get(model.trace_id, model.span_id)["provider"] == "openai"
    assert waited_for(lambda: client.get_latency_stats(by="kind", since="1d").get("tool", {}).get("count", 0) >= 1)
    assert client.get_latency_stats(by="tool", since="1d")["lookup"]["p95"] >= 0
    assert client.ping()


def test_calls_of_sdks_are_tracked(client: AgentReplayClient) -> None:
    question = [{"role": "user", "content": "hello"}]
    answer = {"choices": [{"message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}
    used = {"usage": {"prompt_tokens": 9, "completion_tokens": 2}}
    said = {"role": "assistant", "type": "message", "content": [{"type": "text", "text": "hi"}]}
    counted = {"usage": {"input_tokens": 3, "output_tokens": 1}}

    first = client.track_openai_call({"model": "gpt-4o", "messages": question}, {**answer, **used})
    second = client.track_anthropic_call(
        {"model": "claude-sonnet-4-5", "messages": question, "max_tokens": 9}, {**said, **counted}, session="tracked"
    )

    def known() -> set[str]:
        return {row["span_id"] for row in client.query_traces("kind:llm")["items"]}

    assert waited_for(lambda: {first.span_id, second.span_id} <= known())
    told = [client.get(one.trace_id, one.span_id) for one in (first, second)]
    assert [(one["provider"], one["usage"]["input"]) for one in told] == [("openai", 9), ("anthropic", 3)]
    assert all(one["cost"] > 0 for one in told)
    assert told[1]["session"] == "tracked"
