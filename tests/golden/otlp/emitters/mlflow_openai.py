"""MLflow's own tracing of OpenAI's client, sent by OTLP."""

import mlflow
from weather_openai import talk

mlflow.openai.autolog()
with mlflow.start_span(name="the weather", span_type="AGENT") as span:
    span.set_inputs({"city": "Paris"})
    span.set_outputs({"answers": talk()})
mlflow.flush_trace_async_logging()
