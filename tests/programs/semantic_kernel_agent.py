"""Semantic Kernel: a dialogue with an agent that has tools, of which one fails, and a guide as another."""

import asyncio
import os

from openai import AsyncOpenAI
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
from semantic_kernel.functions import kernel_function


class Journeys:
    """What the planner can do."""

    @kernel_function
    def weather(self, city: str) -> str:
        """The weather of a city."""
        return f"sunny in {city}"

    @kernel_function
    def trains(self, city: str) -> str:
        """The trains to a city."""
        raise LookupError(f"no line goes to {city}")


async def main() -> None:
    client = AsyncOpenAI(base_url=os.environ["MODELS_URL"] + "/v1", api_key="x")
    model = OpenAIChatCompletion(ai_model_id="gpt-5-mini", async_client=client)
    guide = ChatCompletionAgent(service=model, name="guide", description="Knows museums.", instructions="Be brief.")
    planner = ChatCompletionAgent(
        service=model, name="planner", instructions="You plan journeys.", plugins=[Journeys(), guide]
    )
    thread = None
    for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?"):
        answer = await planner.get_response(asked, thread=thread)
        thread = answer.thread
        print(answer.content)
    async for piece in planner.invoke_stream("Say goodbye.", thread=thread):
        print(piece.content)


asyncio.run(main())
