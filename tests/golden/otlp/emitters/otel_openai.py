"""OpenTelemetry's own instrumentation of OpenAI's client."""

from exporting import export
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
from weather_openai import talk

provider = export()
OpenAIInstrumentor().instrument()
talk()
