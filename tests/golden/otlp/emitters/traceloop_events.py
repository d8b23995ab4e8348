"""Traceloop's instrumentation of OpenAI's client, with messages as events of their own."""

from exporting import export
from opentelemetry.instrumentation.openai import OpenAIInstrumentor
from weather_openai import talk

export()
OpenAIInstrumentor(use_legacy_attributes=False).instrument()
talk()
