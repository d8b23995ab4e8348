"""Pydantic AI's own telemetry, with an agent that has a tool and a conversation."""

from exporting import export
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel

export()
Agent.instrument_all()
agent = Agent(OpenAIChatModel("gpt-5-mini"), name="forecaster", instructions="Answer in one sentence.")


@agent.tool_plain
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"rain in {city}"


agent.run_sync("What is the weather in Paris?")
