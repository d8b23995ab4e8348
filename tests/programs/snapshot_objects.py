"""What libraries hold, kept in snapshots and made again: `snapshot_objects.py CASE FOLDER keep|restore|forge`."""

import json
import os
import sys
from pathlib import Path

import agentreplay
from agentreplay.contents.shelf import locate
from agentreplay.core import snapshots
from agentreplay.errors import ClassForbidden, StateForeign, StateUnkept

case, folder, mode = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
path = folder / "it.json.gz"


def refused(ask, *kinds):
    try:
        ask()
    except kinds as error:
        return error
    raise AssertionError("it was not refused")


def messages():
    """LangChain's messages: of a Persist file too."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    state = [
        SystemMessage("be brief"),
        HumanMessage("hello"),
        AIMessage("", tool_calls=[{"name": "f", "args": {"x": 1}, "id": "1", "type": "tool_call"}]),
        ToolMessage("ok", tool_call_id="1"),
    ]
    if mode == "keep":
        agentreplay.snapshot(state, path)
        agentreplay.snapshot({"messages": tuple(state)}, folder / "plain.snapshot")
        return
    assert agentreplay.restore(path) == state
    assert agentreplay.restore(folder / "plain.snapshot") == {"messages": tuple(state)}


def chain():
    """A chain with a model, whose key is not in the file."""
    if mode == "forge":
        return forged()
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.prompts.chat import HumanMessagePromptTemplate
    from langchain_core.prompts.prompt import PromptTemplate
    from langchain_core.runnables import RunnableLambda
    from langchain_core.runnables.base import RunnableSequence
    from langchain_openai import ChatOpenAI

    prompt = ChatPromptTemplate.from_messages([("human", "Tell me of {city}")])
    if mode == "keep":
        model = ChatOpenAI(model="gpt-5-mini", base_url=os.environ["MODELS_URL"] + "/v1", api_key="sk-secret")
        agent = prompt | model
        agentreplay.snapshot(agent, path, agent_id="conversation_agent", description="After greeting interaction")
        assert b"sk-secret" not in snapshots.read(locate(path)).state
        answer = agent.invoke({"city": "Oslo"}).content
        # The program that took it may have it back without more words, as the README of Persist shows.
        again = agentreplay.restore(path, secrets_map={"OPENAI_API_KEY": "sk-secret"})
        assert again.invoke({"city": "Oslo"}).content == answer
        refused(lambda: agentreplay.snapshot(prompt | RunnableLambda(len), folder / "no.snapshot"), StateUnkept)
        assert not (folder / "no.snapshot").exists()
        return None
    classes = [RunnableSequence, ChatPromptTemplate, HumanMessagePromptTemplate, PromptTemplate]
    secrets = {"OPENAI_API_KEY": "sk-secret"}
    error = refused(lambda: agentreplay.restore(path, secrets_map=secrets, allow=classes), ClassForbidden)
    assert "allow=[ChatOpenAI]" in error.advice
    agent = agentreplay.restore(path, secrets_map=secrets, allow=[*classes, ChatOpenAI])
    assert agent.last.openai_api_key.get_secret_value() == "sk-secret"
    assert agent.invoke({"city": "Oslo"}).content
    return None


def forged():
    """A stranger's file that names what it would like to have made."""
    import langchain_core.prompts  # noqa: F401  # imported, and allowed by nobody

    metadata = snapshots.metadata_of(locate(path))
    for identity, arguments in (
        (["langchain", "prompts", "prompt", "PromptTemplate"], {"template": "{x}", "input_variables": ["x"]}),
        (["langchain_core", "load", "load", "Reviver"], {}),
        (["subprocess", "Popen"], {"args": ["touch", str(folder / "broken")]}),
        (["os", "system"], {"command": "true"}),
    ):
        state = {"lc": 1, "type": "constructor", "id": identity, "kwargs": arguments}
        for text in (state, {"deep": [state]}):
            snapshots.save(locate(path), [json.dumps(text).encode()], metadata)
            refused(lambda: agentreplay.restore(path), ClassForbidden, StateForeign)
    assert not (folder / "broken").exists()


def smolagents():
    """The memory of an agent, with a step that failed."""
    from smolagents.memory import ActionStep, AgentMemory, TaskStep, ToolCall
    from smolagents.models import ChatMessage, MessageRole
    from smolagents.monitoring import AgentLogger, LogLevel, Timing, TokenUsage
    from smolagents.utils import AgentExecutionError

    def made():
        memory = AgentMemory("be brief")
        memory.steps = [
            TaskStep(task="the weather"),
            ActionStep(
                step_number=1,
                timing=Timing(1.0, 2.5),
                tool_calls=[ToolCall("weather", {"city": "Oslo"}, "1")],
                model_output_message=ChatMessage(MessageRole.ASSISTANT, "sunny"),
                model_output="sunny",
                token_usage=TokenUsage(3, 4),
                error=AgentExecutionError("no wind", AgentLogger(level=LogLevel.OFF)),
            ),
        ]
        return memory

    if mode == "keep":
        memory = made()
        memory.steps[1].model_output_message.raw = object()
        agentreplay.snapshot(memory, path)
        return
    restored = agentreplay.restore(path)
    assert restored.get_full_steps() == made().get_full_steps()
    assert [step.to_messages() for step in restored.steps] == [step.to_messages() for step in made().steps]
    assert type(restored.steps[1].error) is AgentExecutionError
    other = AgentMemory("another")
    assert agentreplay.restore(path, into=other) is other
    assert other.system_prompt.system_prompt == "be brief"


globals()[case]()
