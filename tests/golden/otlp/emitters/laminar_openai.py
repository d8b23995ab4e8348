"""Laminar's SDK around OpenAI's client."""

import os

import weather_openai
from lmnr import Instruments, Laminar, observe

base, _, port = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"].rpartition(":")
Laminar.initialize(
    project_api_key="scripted", base_url=base, http_port=int(port), force_http=True, instruments={Instruments.OPENAI}
)
weather_openai.get_weather = observe(name="get_weather", span_type="TOOL")(weather_openai.get_weather)


@observe(name="forecaster", session_id="conversation-7", user_id="ada")
def run(city):
    weather_openai.talk()
    return "done"


run("Paris")
Laminar.flush()
