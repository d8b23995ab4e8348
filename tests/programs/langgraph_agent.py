"""LangChain and LangGraph: a graph with a tool, streamed."""

import os

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition


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
app = graph.compile(checkpointer=InMemorySaver())
thread = {"configurable": {"thread_id": "1"}}
for update in app.stream({"messages": [("user", "How is the weather?")]}, thread, stream_mode="updates"):
    print(update)
print(app.get_state(thread).values["messages"][-1].content)
print([piece.content for piece in model.stream("tell me more")])
