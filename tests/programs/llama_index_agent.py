"""LlamaIndex: an agent with a tool."""

import asyncio
import os

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.llms.openai_like import OpenAILike


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


model = OpenAILike(
    model="gpt-5-mini",
    api_base=os.environ["MODELS_URL"] + "/v1",
    api_key="x",
    is_chat_model=True,
    is_function_calling_model=True,
)


async def main() -> None:
    print(
        await FunctionAgent(name="forecaster", tools=[weather], llm=model, streaming=False).run("How is the weather?")
    )


asyncio.run(main())
