"""CrewAI: a crew of two agents with tools, of which one fails; the answers come in pieces."""

import os

os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "OTEL_SDK_DISABLED": "true", "CREWAI_TRACING_ENABLED": "false"}

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool


@tool("weather")
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@tool("trains")
def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


model = LLM(model="openai/gpt-5-mini", base_url=os.environ["MODELS_URL"] + "/v1", api_key="x", stream=True)
planner = Agent(role="planner", goal="Plan.", backstory="You plan journeys.", tools=[weather, trains], llm=model)
guide = Agent(role="guide", goal="Guide.", backstory="You know museums.", llm=model)
tasks = [
    Task(description="How is the weather in Paris?", expected_output="a sentence", agent=planner),
    Task(description="Is there a train to Rome?", expected_output="a sentence", agent=planner),
    Task(description="Which museum is open?", expected_output="a name", agent=guide),
]
print(Crew(agents=[planner, guide], tasks=tasks).kickoff().raw)
