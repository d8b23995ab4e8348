"""The OpenAI Agents SDK: responses and chat completions, with a tool."""

import os

from agents import Agent, OpenAIProvider, RunConfig, Runner, function_tool


@function_tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


agent = Agent(name="forecaster", instructions="Answer briefly.", tools=[weather], model="gpt-5-mini")
for responses in (True, False):
    provider = OpenAIProvider(base_url=os.environ["MODELS_URL"] + "/v1", api_key="x", use_responses=responses)
    result = Runner.run_sync(agent, "How is the weather?", run_config=RunConfig(model_provider=provider))
    print(result.final_output)
