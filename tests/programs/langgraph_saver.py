"""LangGraph with a saver of ours: a thread that goes on from run to run, and its history."""

import asyncio
import os

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from agentreplay.langgraph import AgentReplaySaver


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


model = ChatOpenAI(model="gpt-5-mini", base_url=os.environ["MODELS_URL"] + "/v1", api_key="x").bind_tools([weather])
graph = StateGraph(MessagesState)
graph.add_node("model", lambda state: {"messages": [model.invoke(state["messages"])]})
graph.add_node("tools", ToolNode([weather]))
graph.add_edge(START, "model")
graph.add_conditional_edges("model", tools_condition)
graph.add_edge("tools", "model")
app = graph.compile(checkpointer=AgentReplaySaver())
thread = {"configurable": {"thread_id": "1"}}
print(len(app.get_state(thread).values.get("messages", [])), "messages from before")
for update in app.stream({"messages": [("user", "How is the weather?")]}, thread, stream_mode="updates"):
    print(update)
print(asyncio.run(app.ainvoke({"messages": [("user", "And tomorrow?")]}, thread))["messages"][-1].content)
history = list(app.get_state_history(thread, filter={"source": "input"}))
print(len(history), "questions", history[0].metadata["source"])
