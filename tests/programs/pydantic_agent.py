"""Pydantic AI: a dialogue with an agent that has tools, of which one fails, and asks a guide; the end is streamed."""

import asyncio
import os

from pydantic_ai import Agent, RunContext
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

provider = OpenAIProvider(base_url=os.environ["MODELS_URL"] + "/v1", api_key="x")
model = OpenAIChatModel("gpt-5-mini", provider=provider)
guide = Agent(model, name="guide", system_prompt="You know museums.")
planner = Agent(model, name="planner", system_prompt="You plan journeys.")


@planner.tool_plain
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@planner.tool_plain
def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


@planner.tool
async def ask_guide(context: RunContext, question: str) -> str:
    """Ask who knows museums."""
    return (await guide.run(question, usage=context.usage)).output


async def main() -> None:
    history = []
    for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?"):
        try:
            result = await planner.run(asked, message_history=history)
        except LookupError as error:
            print(error)
            continue
        history = result.all_messages()
        print(result.output)
    async with planner.run_stream("Say goodbye.", message_history=history) as stream:
        async for piece in stream.stream_text(delta=True):
            print(piece)


asyncio.run(main())
