"""Logfire's instrumentation of OpenAI's client."""

import logfire
import openai
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from weather_openai import talk

logfire.configure(
    send_to_logfire=False,
    console=False,
    inspect_arguments=False,
    additional_span_processors=[BatchSpanProcessor(OTLPSpanExporter())],
)
logfire.instrument_openai()
with logfire.span("the weather in {city}", city="Paris"):
    talk()
    openai.OpenAI().responses.create(model="gpt-5-mini", instructions="Be brief.", input="And in Oslo?")
logfire.force_flush()
