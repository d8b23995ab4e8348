"""MLflow's own tracing of OpenAI's client, sent by OTLP."""

import os

# Told where metrics go too, this version fails whenever a span ends.
os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = os.environ.pop("OTEL_EXPORTER_OTLP_ENDPOINT") + "/v1/traces"

import mlflow
from weather_openai import talk

mlflow.openai.autolog()
with mlflow.start_span(name="the weather", span_type="AGENT") as span:
    span.set_inputs({"city": "Paris"})
    talk()
    span.set_outputs({"sky": "rain"})
