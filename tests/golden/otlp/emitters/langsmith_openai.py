"""LangSmith's SDK with its export by OpenTelemetry, around OpenAI's client."""

import os

os.environ["LANGSMITH_TRACING"] = os.environ["LANGSMITH_OTEL_ENABLED"] = os.environ["LANGSMITH_OTEL_ONLY"] = "true"
os.environ["LANGSMITH_API_KEY"] = "scripted"
os.environ["LANGSMITH_ENDPOINT"] = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]

import openai
import weather_openai
from exporting import export
from langsmith import traceable
from langsmith.wrappers import wrap_openai

provider = export()
client = wrap_openai(openai.OpenAI())
weather_openai.openai.OpenAI = lambda: client
weather_openai.get_weather = traceable(run_type="tool", name="get_weather")(weather_openai.get_weather)


@traceable(run_type="chain", name="forecaster", metadata={"session_id": "conversation-7"})
def run(city):
    weather_openai.talk(embeds=False)
    return "done"


run("Paris")

from langsmith.run_trees import get_cached_client

get_cached_client().flush()
provider.force_flush()
