"""Haystack: a dialogue with an agent that has tools, of which one fails, and a guide in a tool; the end is streamed."""

import os
from typing import Annotated

from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import ComponentTool, tool
from haystack.utils import Secret


@tool
def weather(city: Annotated[str, "the city"]) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@tool
def trains(city: Annotated[str, "the city"]) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


def model() -> OpenAIChatGenerator:
    url = os.environ["MODELS_URL"] + "/v1"
    return OpenAIChatGenerator(model="gpt-5-mini", api_base_url=url, api_key=Secret.from_token("x"))


guide = ComponentTool(
    Agent(chat_generator=model(), system_prompt="You know museums."), name="guide", description="Knows museums."
)
planner = Agent(chat_generator=model(), system_prompt="You plan journeys.", tools=[weather, trains, guide])
messages: list[ChatMessage] = []
for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?"):
    messages = planner.run(messages=[*messages, ChatMessage.from_user(asked)])["messages"]
    print(messages[-1].text)
planner.run(
    messages=[*messages, ChatMessage.from_user("Say goodbye.")],
    streaming_callback=lambda piece: print(piece.content),
    generation_kwargs={"stream_options": {"include_usage": True}},
)
