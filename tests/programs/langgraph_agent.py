"""LangChain and LangGraph: a dialogue in a graph with tools, of which one fails, and a guide as a graph within it."""

import os

from langchain_core.messages import SystemMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@tool
def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


model = ChatOpenAI(model="gpt-5-mini", base_url=os.environ["MODELS_URL"] + "/v1", api_key="x", stream_usage=True)


def museums(state: MessagesState) -> dict:
    return {"messages": [model.invoke([SystemMessage("You know museums."), state["messages"][-1]])]}


guide = StateGraph(MessagesState).add_node("museums", museums).add_edge(START, "museums").compile(name="guide")


@tool
def ask_guide(question: str) -> str:
    """Ask who knows museums."""
    return guide.invoke({"messages": [("user", question)]})["messages"][-1].content


def plan(state: MessagesState) -> dict:
    tools = [weather, trains, ask_guide]
    return {"messages": [model.bind_tools(tools).invoke([SystemMessage("You plan journeys."), *state["messages"]])]}


graph = StateGraph(MessagesState)
graph.add_node("plan", plan)
graph.add_node("tools", ToolNode([weather, trains, ask_guide], handle_tool_errors=True))
graph.add_edge(START, "plan")
graph.add_conditional_edges("plan", tools_condition)
graph.add_edge("tools", "plan")
planner = graph.compile(checkpointer=InMemorySaver(), name="planner")
thread = {"configurable": {"thread_id": "1"}}
for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?"):
    print(planner.invoke({"messages": [("user", asked)]}, thread)["messages"][-1].content)
for piece, _ in planner.stream({"messages": [("user", "Say goodbye.")]}, thread, stream_mode="messages"):
    print(piece.content)
