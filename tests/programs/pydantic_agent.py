"""Pydantic AI: an agent with a tool."""

import os

from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

agent = Agent(
    OpenAIChatModel("gpt-5-mini", provider=OpenAIProvider(base_url=os.environ["MODELS_URL"] + "/v1", api_key="x")),
    name="forecaster",
)


@agent.tool_plain
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


result = agent.run_sync("How is the weather?")
print(result.output)
print(result.all_messages())
