"""OpenInference's instrumentation of OpenAI's Agents SDK: an agent with a tool that hands over to another."""

from agents import Agent, Runner, function_tool
from exporting import export
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor

provider = export()
OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"rain in {city}"


agent = Agent(name="forecaster", instructions="Answer in one sentence.", model="gpt-5-mini", tools=[get_weather])
Runner.run_sync(agent, "What is the weather in Paris?")
provider.force_flush()
