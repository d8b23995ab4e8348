"""Agents that are kept in a snapshot and go on from it: `snapshot_agents.py LIBRARY record|restore FOLDER`.

Recorded are two questions, the second behind the snapshot. Restored in a process that has asked nothing, the second is
answered from the tape, which holds only what the same conversation asks.
"""

import json
import os
import sys
from pathlib import Path

import agentreplay
from agentreplay.testing import explain

library, mode, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
URL = os.environ["MODELS_URL"] + "/v1"
FIRST, SECOND = "How is the weather in Oslo?", "And what did you tell me?"


def langchain():
    from langchain_core.messages import HumanMessage
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="gpt-5-mini", base_url=URL, api_key="x")

    def ask(messages, question):
        messages.append(HumanMessage(question))
        messages.append(model.invoke(messages))
        return messages[-1].content

    return [], ask, {}


def langgraph():
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.graph import START, MessagesState, StateGraph
    from langgraph.prebuilt import ToolNode, tools_condition

    @tool
    def weather(city: str) -> str:
        """The weather of a city."""
        return f"sunny in {city}"

    model = ChatOpenAI(model="gpt-5-mini", base_url=URL, api_key="x").bind_tools([weather])
    graph = StateGraph(MessagesState)
    graph.add_node("model", lambda state: {"messages": [model.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode([weather]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    app = graph.compile(checkpointer=InMemorySaver())

    def ask(app, question):
        thread = {"configurable": {"thread_id": "1"}}
        return app.invoke({"messages": [("user", question)]}, thread)["messages"][-1].content

    return app, ask, {"into": app}


def pydantic_ai():
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    agent = Agent(OpenAIChatModel("gpt-5-mini", provider=OpenAIProvider(base_url=URL, api_key="x")))

    @agent.tool_plain
    def weather(city: str) -> str:
        """The weather of a city."""
        return f"sunny in {city}"

    def ask(history, question):
        result = agent.run_sync(question, message_history=list(history))
        history[:] = result.all_messages()
        return result.output

    return [], ask, {}


def openai_agents():
    from agents import Agent, OpenAIProvider, RunConfig, Runner, SQLiteSession, function_tool, set_tracing_disabled

    set_tracing_disabled(True)

    @function_tool
    def weather(city: str) -> str:
        """The weather of a city."""
        return f"sunny in {city}"

    agent = Agent(name="forecaster", instructions="Answer briefly.", tools=[weather], model="gpt-5-mini")
    provider = OpenAIProvider(base_url=URL, api_key="x", use_responses=False)

    def ask(session, question):
        return Runner.run_sync(
            agent, question, session=session, run_config=RunConfig(model_provider=provider)
        ).final_output

    return SQLiteSession("1"), ask, {}


agentreplay.init(db_path=folder / "data")
state, ask, how = globals()[library]()
path = folder / "agent.snapshot"


@agentreplay.session(name="second")
def second(question):
    return ask(state, question)


if mode == "record":
    with agentreplay.session("first"):
        ask(state, FIRST)
    agentreplay.snapshot(state, path, agent_id=library)
    print(json.dumps({"answer": second(SECOND)}))
else:
    fresh = state
    if mode == "restore":
        state = agentreplay.restore(path, **how)
    verdict = agentreplay.replay(sys.argv[4], second.__wrapped__ if hasattr(second, "__wrapped__") else second, SECOND)
    print(json.dumps({"status": verdict.status, "calls": verdict.calls, "told": explain(verdict)}))
