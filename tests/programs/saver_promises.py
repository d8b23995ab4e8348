"""What a saver of LangGraph's promises: `saver_promises.py conformance|endless|check|deltas|foreign FOLDER`."""

import asyncio
import sys
from importlib import import_module
from pathlib import Path

from langchain_core.messages import AIMessage
from langgraph.checkpoint.base import empty_checkpoint

from agentreplay.langgraph import AgentReplaySaver

case, folder = sys.argv[1], Path(sys.argv[2])
CONFIG = {"configurable": {"thread_id": "thread", "checkpoint_ns": ""}}


def conformance():
    """LangGraph's own tests of a checkpointer."""
    suite = import_module("langgraph.checkpoint.conformance")

    @suite.checkpointer_test(name="AgentReplaySaver")
    async def saver():
        with AgentReplaySaver(db_path=folder) as made:
            yield made

    report = asyncio.run(suite.validate(saver))
    told = report.to_dict()["results"]
    assert len(told) == 8
    for name, result in told.items():
        assert result["detected"], name
        assert result["passed"], (name, result["failures"])
    print(sum(result["tests_passed"] for result in told.values()), "passed")


def endless():
    """Puts checkpoint after checkpoint, and says so after each."""
    config, messages = CONFIG, []
    with AgentReplaySaver(db_path=folder) as saver:
        while True:
            messages = [*messages, AIMessage(f"{len(messages)} ".ljust(200, "."), id=str(len(messages)))]
            checkpoint = empty_checkpoint() | {"channel_values": {"messages": messages}}
            config = saver.put(config, checkpoint, {"source": "loop", "step": len(messages)}, {"messages": 1})
            saver.put_writes(config, [("messages", messages[-1:])], "task")
            print(checkpoint["id"], flush=True)


def check():
    """All that was acknowledged is there and whole, and so is everything else that is there."""
    acknowledged = sys.stdin.read().split()
    with AgentReplaySaver(db_path=folder) as saver:
        stored = {each.checkpoint["id"]: each for each in saver.list(CONFIG)}
        assert set(acknowledged) <= stored.keys()
        assert len(stored) <= len(acknowledged) + 1
        for each in stored.values():
            messages = each.checkpoint["channel_values"]["messages"]
            assert [message.id for message in messages] == [str(number) for number in range(each.metadata["step"])]
        for name in acknowledged:
            [(task, channel, value)] = stored[name].pending_writes
            assert (task, channel, value) == (
                "task",
                "messages",
                stored[name].checkpoint["channel_values"]["messages"][-1:],
            )
        assert saver.get_tuple(CONFIG).checkpoint["id"] == max(stored)
    print(len(stored), "there")


def deltas():
    """What a channel was last kept whole in stays, where the latest checkpoint is told by writes since."""
    config = CONFIG
    with AgentReplaySaver(db_path=folder) as saver:
        for step in range(6):
            values = {"log": ["whole"]} if step == 2 else {}
            metadata = {"source": "loop", "step": step, "counters_since_delta_snapshot": {"log": (step, step)}}
            config = saver.put(config, empty_checkpoint() | {"channel_values": values}, metadata, {})
            saver.put_writes(config, [("log", f"{step}")], f"task {step}")
        before = saver.get_delta_channel_history(config=config, channels=["log"])
        saver.prune(["thread"])
        assert [each.metadata["step"] for each in saver.list(CONFIG)] == [5, 4, 3, 2]
        assert saver.get_delta_channel_history(config=config, channels=["log"]) == before
        assert before["log"]["seed"] == ["whole"]
        assert [value for _, _, value in before["log"]["writes"]] == ["2", "3", "4"]
    print("kept")


def foreign():
    """A thread that another saver began goes on here, versions and all; and what is odd comes back as it was."""
    memory = import_module("langgraph.checkpoint.memory").InMemorySaver()
    odd = {"set": {1, 2}, "bytes": b"\0", "none": None, "long": "x" * 100_000, "nested": [[{"a": [1]}]]}
    checkpoint = empty_checkpoint() | {
        "channel_values": odd,
        "channel_versions": dict.fromkeys(odd, memory.get_next_version(None, None)),
    }
    with AgentReplaySaver(db_path=folder) as saver:
        config = saver.put(CONFIG, checkpoint, {"source": "input", "step": -1}, {})
        found = saver.get_tuple(config).checkpoint
        assert found == checkpoint
        version = found["channel_versions"]["set"]
        following = saver.get_next_version(version, None)
        assert version < following < saver.get_next_version(following, None)
        assert saver.threads() == ["thread"]
        assert asyncio.run(saver.athreads()) == ["thread"]
    print("back")


globals()[case]()
