"""Google's Agent Development Kit: an agent with a tool, asking Gemini."""

import asyncio

from exporting import export
from google.adk.agents import Agent
from google.adk.runners import InMemoryRunner
from google.genai import types

provider = export()


def get_weather(city: str) -> dict:
    """The weather in a city."""
    return {"city": city, "sky": "rain"}


agent = Agent(
    name="forecaster",
    model="gemini-2.5-flash",
    instruction="Answer in one sentence.",
    tools=[get_weather],
)


async def main():
    runner = InMemoryRunner(agent=agent, app_name="weather")
    await runner.session_service.create_session(app_name="weather", user_id="ada", session_id="conversation-7")
    question = types.Content(role="user", parts=[types.Part(text="What is the weather in Paris?")])
    async for _ in runner.run_async(user_id="ada", session_id="conversation-7", new_message=question):
        pass


asyncio.run(main())
provider.force_flush()
