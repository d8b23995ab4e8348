"""Google ADK: a dialogue with an agent that has tools, of which one fails, and hands off to a guide, over LiteLLM."""

import asyncio
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from google.adk.agents import LlmAgent, RunConfig
from google.adk.agents.run_config import StreamingMode
from google.adk.models.lite_llm import LiteLlm
from google.adk.runners import InMemoryRunner
from google.genai import types


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


async def recover(tool, args, tool_context, error) -> dict:
    return {"error": str(error)}


async def main() -> None:
    model = LiteLlm(model="openai/gpt-5-mini", api_base=os.environ["MODELS_URL"] + "/v1", api_key="x")
    guide = LlmAgent(name="guide", model=model, instruction="You know museums.", description="Knows museums.")
    planner = LlmAgent(
        name="planner",
        model=model,
        instruction="You plan journeys.",
        tools=[weather, trains],
        sub_agents=[guide],
        on_tool_error_callback=recover,
    )
    runner = InMemoryRunner(agent=planner, app_name="journeys")
    session = await runner.session_service.create_session(app_name="journeys", user_id="user")
    for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?", "Say goodbye."):
        config = RunConfig(streaming_mode=StreamingMode.SSE if "goodbye" in asked else StreamingMode.NONE)
        message = types.Content(role="user", parts=[types.Part(text=asked)])
        async for event in runner.run_async(
            user_id="user", session_id=session.id, new_message=message, run_config=config
        ):
            for part in event.content.parts if event.content else []:
                print(part.text or part.function_call or part.function_response)


asyncio.run(main())
