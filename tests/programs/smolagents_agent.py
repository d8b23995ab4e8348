"""Hugging Face smolagents: a dialogue with an agent that has tools, of which one fails, and manages a guide."""

import os

from smolagents import OpenAIServerModel, ToolCallingAgent, tool


@tool
def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: the city
    """
    return f"sunny in {city}"


@tool
def trains(city: str) -> str:
    """The trains to a city.

    Args:
        city: the city
    """
    raise LookupError(f"no line goes to {city}")


model = OpenAIServerModel("gpt-5-mini", api_base=os.environ["MODELS_URL"] + "/v1", api_key="x")
guide = ToolCallingAgent(
    tools=[], model=model, verbosity_level=0, name="guide", description="Knows museums.", instructions="Be brief."
)
planner = ToolCallingAgent(
    tools=[weather, trains],
    model=model,
    managed_agents=[guide],
    instructions="You plan journeys.",
    verbosity_level=0,
    name="planner",
    stream_outputs=True,
)
for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?"):
    print(planner.run(asked, reset=False))
