"""LlamaIndex: a dialogue with a planner that has tools, of which one fails, and hands off to a guide; streamed."""

import asyncio
import os

from llama_index.core.agent.workflow import AgentStream, AgentWorkflow, FunctionAgent
from llama_index.core.workflow import Context
from llama_index.llms.openai_like import OpenAILike


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def trains(city: str) -> str:
    """The trains to a city."""
    raise LookupError(f"no line goes to {city}")


model = OpenAILike(
    model="gpt-5-mini",
    api_base=os.environ["MODELS_URL"] + "/v1",
    api_key="x",
    is_chat_model=True,
    is_function_calling_model=True,
    additional_kwargs={"stream_options": {"include_usage": True}},
)
planner = FunctionAgent(
    name="planner",
    description="Plans journeys.",
    system_prompt="You plan journeys.",
    tools=[weather, trains],
    llm=model,
    can_handoff_to=["guide"],
)
guide = FunctionAgent(name="guide", description="Knows museums.", system_prompt="You know museums.", llm=model)


async def main() -> None:
    bureau = AgentWorkflow(agents=[planner, guide], root_agent="planner")
    context = Context(bureau)
    for asked in ("How is the weather in Paris?", "Is there a train to Rome?", "Which museum is open?", "Say goodbye."):
        run = bureau.run(user_msg=asked, ctx=context)
        async for event in run.stream_events():
            if isinstance(event, AgentStream) and event.delta:
                print(event.delta)
        print(await run)


asyncio.run(main())
