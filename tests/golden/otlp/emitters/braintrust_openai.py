"""Braintrust's attributes, by its span processor beside OpenTelemetry's own instrumentation."""

import os

os.environ["BRAINTRUST_API_URL"] = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
os.environ["BRAINTRUST_API_KEY"] = "scripted"

import json

from braintrust.otel import BraintrustSpanProcessor
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

provider = TracerProvider()
provider.add_span_processor(BraintrustSpanProcessor(parent="project_name:weather"))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("weather")
with tracer.start_as_current_span("forecaster") as task:
    task.set_attribute("braintrust.input_json", json.dumps({"city": "Paris"}))
    task.set_attribute("braintrust.span_attributes", json.dumps({"type": "task"}))
    with tracer.start_as_current_span("think") as span:
        messages = [{"role": "user", "content": "What is the weather in Paris?"}]
        span.set_attribute("braintrust.span_attributes", json.dumps({"type": "llm", "name": "think"}))
        span.set_attribute("braintrust.input_json", json.dumps(messages))
        span.set_attribute("braintrust.output_json", json.dumps([{"role": "assistant", "content": "It rains."}]))
        span.set_attribute("braintrust.metadata", json.dumps({"model": "gpt-5-mini", "provider": "openai"}))
        span.set_attribute(
            "braintrust.metrics",
            json.dumps({"prompt_tokens": 120, "completion_tokens": 24, "prompt_cached_tokens": 100, "tokens": 144}),
        )
    task.set_attribute("braintrust.output_json", json.dumps("It rains."))
provider.shutdown()
