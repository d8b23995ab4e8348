"""Google ADK: an agent with a tool, over LiteLLM."""

import asyncio
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from google.adk.agents import LlmAgent
from google.adk.models.lite_llm import LiteLlm
from google.adk.runners import InMemoryRunner
from google.genai import types


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


async def main() -> None:
    model = LiteLlm(model="openai/gpt-5-mini", api_base=os.environ["MODELS_URL"] + "/v1", api_key="x")
    runner = InMemoryRunner(agent=LlmAgent(name="forecaster", model=model, tools=[weather]), app_name="weather")
    session = await runner.session_service.create_session(app_name="weather", user_id="user")
    asked = types.Content(role="user", parts=[types.Part(text="How is the weather?")])
    async for event in runner.run_async(user_id="user", session_id=session.id, new_message=asked):
        for part in event.content.parts if event.content else []:
            print(part.text or part.function_call or part.function_response)


asyncio.run(main())
