"""OpenInference's instrumentation of LangChain: a LangGraph agent with a tool, and a retriever."""

from exporting import export
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from openinference.instrumentation.langchain import LangChainInstrumentor

export()
LangChainInstrumentor().instrument()


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"rain in {city}"


class Almanac(BaseRetriever):
    """Knows one thing."""

    def _get_relevant_documents(self, query, *, run_manager):
        return [Document(page_content="Paris is wet in autumn.", metadata={"page": 3})]


model = ChatOpenAI(model="gpt-5-mini").bind_tools([get_weather])


def think(state):
    return {"messages": [model.invoke(state["messages"])]}


graph = StateGraph(MessagesState)
graph.add_node("think", think)
graph.add_node("tools", ToolNode([get_weather]))
graph.add_edge(START, "think")
graph.add_conditional_edges("think", tools_condition)
graph.add_edge("tools", "think")
agent = graph.compile(name="weather")
agent.invoke(
    {"messages": [("system", "Answer in one sentence."), ("user", "What is the weather in Paris?")]},
    config={"configurable": {"thread_id": "thread-7"}},
)
Almanac().invoke("weather in Paris")
