"""Agno: a dialogue with an agent that has tools, of which one fails, an answer in pieces, and a team with a guide."""

import os

from agno.agent import Agent
from agno.models.openai import OpenAIChat
from agno.team import Team

url = os.environ["MODELS_URL"] + "/v1"


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


def model() -> OpenAIChat:
    return OpenAIChat(id="gpt-5-mini", base_url=url, api_key="x")


planner = Agent(
    name="planner", model=model(), instructions="You plan journeys.", tools=[weather, trains], telemetry=False
)
for asked in ("How is the weather in Paris?", "Is there a train to Rome?"):
    print(planner.run(asked).content)
for piece in planner.run("Say goodbye.", stream=True):
    print(piece.content)
guide = Agent(name="guide", role="Knows museums.", model=model(), telemetry=False)
team = Team(name="bureau", members=[guide], model=model(), instructions="Ask whoever knows.", telemetry=False)
print(team.run("Which museum is open?").content)
