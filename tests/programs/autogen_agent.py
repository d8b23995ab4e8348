"""AutoGen: a dialogue with a swarm of two agents, with tools of which one fails, the last answer streamed."""

import asyncio
import os

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import TextMessageTermination
from autogen_agentchat.teams import Swarm
from autogen_ext.models.openai import OpenAIChatCompletionClient


async def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


async def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


async def main() -> None:
    url = os.environ["MODELS_URL"] + "/v1"
    model = OpenAIChatCompletionClient(model="gpt-5-mini", base_url=url, api_key="x")
    planner = AssistantAgent(
        "planner",
        model,
        tools=[weather, trains],
        handoffs=["guide"],
        system_message="You plan journeys.",
        reflect_on_tool_use=True,
    )
    for asked in ("How is the weather in Paris?", "Is there a train to Rome?"):
        print((await planner.run(task=asked)).messages[-1].content)
    streaming = OpenAIChatCompletionClient(
        model="gpt-5-mini", base_url=url, api_key="x", stream_options={"include_usage": True}
    )
    guide = AssistantAgent("guide", streaming, system_message="You know museums.", model_client_stream=True)
    team = Swarm([planner, guide], termination_condition=TextMessageTermination("guide"))
    async for event in team.run_stream(task="Which museum is open?"):
        print(getattr(event, "content", None))
    await model.close()
    await streaming.close()


asyncio.run(main())
