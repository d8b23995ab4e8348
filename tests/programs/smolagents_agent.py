"""Hugging Face smolagents: an agent with a tool."""

import os

from smolagents import OpenAIServerModel, ToolCallingAgent, tool


@tool
def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: the city
    """
    return f"sunny in {city}"


model = OpenAIServerModel("gpt-5-mini", api_base=os.environ["MODELS_URL"] + "/v1", api_key="x")
agent = ToolCallingAgent(tools=[weather], model=model, verbosity_level=0, name="forecaster", max_steps=2)
print(agent.run("How is the weather?"))
