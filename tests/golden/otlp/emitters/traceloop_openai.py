"""Traceloop's SDK with its decorators, around OpenAI's client."""

import os

os.environ["TRACELOOP_BASE_URL"] = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]

import weather_openai
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import tool, workflow
from traceloop.sdk.instruments import Instruments

Traceloop.init(
    app_name="weather",
    telemetry_enabled=False,
    api_key="scripted",
    instruments={Instruments.OPENAI},
    disable_batch=True,
)
Traceloop.set_association_properties({"session_id": "conversation-7", "user_id": "ada"})
weather_openai.get_weather = tool(name="get_weather")(weather_openai.get_weather)


@workflow(name="weather")
def run(question):
    weather_openai.talk()
    return "done"


run("Paris")
