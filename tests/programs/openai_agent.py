"""The OpenAI Agents SDK: a dialogue with tools of which one fails, a hand-off to a guide, and a streamed end."""

import asyncio
import os

from agents import Agent, ModelSettings, OpenAIProvider, RunConfig, Runner, SQLiteSession, function_tool
from openai import AsyncOpenAI
from openai.types.responses import ResponseTextDeltaEvent


@function_tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@function_tool
def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


usage = ModelSettings(include_usage=True)
guide = Agent(name="guide", instructions="You know museums.", model="gpt-5-mini", model_settings=usage)
planner = Agent(
    name="planner", instructions="You plan journeys.", tools=[weather, trains], handoffs=[guide], model="gpt-5-mini"
)


async def main() -> None:
    client = AsyncOpenAI(base_url=os.environ["MODELS_URL"] + "/v1", api_key="x")
    provider = OpenAIProvider(openai_client=client)
    config = RunConfig(model_provider=provider)
    session = SQLiteSession("journey")
    for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?"):
        print((await Runner.run(planner, asked, session=session, run_config=config)).final_output)
    chat = OpenAIProvider(openai_client=client, use_responses=False)
    result = Runner.run_streamed(guide, "Say goodbye.", session=session, run_config=RunConfig(model_provider=chat))
    async for event in result.stream_events():
        if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
            print(event.data.delta)


asyncio.run(main())
