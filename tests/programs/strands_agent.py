"""Strands Agents: a dialogue with an agent that has tools, of which one fails, and a guide in a tool; all streamed."""

import os

from strands import Agent, tool
from strands.models.openai import OpenAIModel

model = OpenAIModel(client_args={"base_url": os.environ["MODELS_URL"] + "/v1", "api_key": "x"}, model_id="gpt-5-mini")


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@tool
def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


@tool
def ask_guide(question: str) -> str:
    """Ask who knows museums."""
    return str(Agent(model=model, name="guide", system_prompt="You know museums.", callback_handler=None)(question))


planner = Agent(
    model=model,
    name="planner",
    system_prompt="You plan journeys.",
    tools=[weather, trains, ask_guide],
    callback_handler=None,
)
for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?"):
    print(planner(asked))
