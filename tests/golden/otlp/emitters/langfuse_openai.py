"""Langfuse's SDK: its wrapper of OpenAI's client, and observations of its own."""

import os

os.environ["LANGFUSE_BASE_URL"] = os.environ["LANGFUSE_HOST"] = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
os.environ["LANGFUSE_PUBLIC_KEY"], os.environ["LANGFUSE_SECRET_KEY"] = "pk-scripted", "sk-scripted"

from langfuse import get_client, propagate_attributes
from langfuse.openai import openai

langfuse = get_client()
with (
    langfuse.start_as_current_observation(name="forecaster", as_type="agent", input={"city": "Paris"}) as agent,
    propagate_attributes(session_id="conversation-7", user_id="ada", tags=["weather"]),
):
    messages = [
        {"role": "system", "content": "Answer in one sentence."},
        {"role": "user", "content": "What is the weather in Paris?"},
    ]
    openai.OpenAI().chat.completions.create(model="gpt-5-mini", messages=messages, temperature=1)
    with langfuse.start_as_current_observation(name="get_weather", as_type="tool", input={"city": "Paris"}) as tool:
        tool.update(output={"sky": "rain"})
    with langfuse.start_as_current_observation(
        name="think",
        as_type="generation",
        model="claude-sonnet-4-5",
        input=messages,
        output={"role": "assistant", "content": "It rains."},
        usage_details={"input": 12, "cache_read_input_tokens": 100, "output": 4},
        cost_details={"total": 0.0015},
    ):
        pass
    agent.update(output="It rains.")
langfuse.flush()
