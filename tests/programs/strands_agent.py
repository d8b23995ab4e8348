"""Strands Agents: an agent with a tool."""

import os

from strands import Agent, tool
from strands.models.openai import OpenAIModel


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


model = OpenAIModel(client_args={"base_url": os.environ["MODELS_URL"] + "/v1", "api_key": "x"}, model_id="gpt-5-mini")
agent = Agent(model=model, tools=[weather], callback_handler=None, name="forecaster")
print(agent("How is the weather?"))
