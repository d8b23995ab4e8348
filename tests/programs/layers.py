"""Runs another of these programs, with all else that tells of its calls: the SDK, and telemetry that goes to a server.

python layers.py PROGRAM LAYER …
"""

import atexit
import importlib
import os
import runpy
import sys
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
INSTRUMENTORS = {
    "openai-v2": "opentelemetry.instrumentation.openai_v2:OpenAIInstrumentor",
    "openinference-anthropic": "openinference.instrumentation.anthropic:AnthropicInstrumentor",
    "openinference-langchain": "openinference.instrumentation.langchain:LangChainInstrumentor",
    "openinference-openai": "openinference.instrumentation.openai:OpenAIInstrumentor",
    "openinference-openai-agents": "openinference.instrumentation.openai_agents:OpenAIAgentsInstrumentor",
}
CLIENTS = {"anthropic": ("Anthropic",), "openai": ("OpenAI", "AsyncOpenAI")}
"""Of each SDK that the programs ask models with."""


def export():
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=100))
    trace.set_tracer_provider(provider)
    atexit.register(provider.force_flush)


def wrap_every_client(library):
    import agentreplay

    agentreplay.instrument()
    for name in CLIENTS[library]:
        kind = getattr(importlib.import_module(library), name)

        def begin(client, *arguments, original=kind.__init__, **named):
            original(client, *arguments, **named)
            agentreplay.wrap(client)

        kind.__init__ = begin


program, *layers = sys.argv[1:]
if "telemetry" in layers:
    export()
for layer in layers:
    if layer in CLIENTS:
        wrap_every_client(layer)
    elif layer == "pydantic-ai":
        from pydantic_ai import Agent

        Agent.instrument_all()
    elif layer == "litellm":
        os.environ["OTEL_EXPORTER"] = "otlp_http"
        import litellm

        litellm.callbacks = ["otel"]
    elif layer in INSTRUMENTORS:
        module, _, name = INSTRUMENTORS[layer].partition(":")
        getattr(importlib.import_module(module), name)().instrument()
sys.argv = [program]
runpy.run_path(str(Path(__file__).with_name(f"{program}.py")), run_name="__main__")
