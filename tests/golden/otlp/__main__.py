"""Runs real emitters of telemetry against scripted models and keeps what they send: `python -m tests.golden.otlp`.

Names of captures after it run those alone; `--expect` writes only what is expected to be read in the captures.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from agentreplay.intake.providers import Asked, Reply
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value
from agentreplay.testing import ScriptedModels, improvise
from agentreplay.testing.script import words_in
from tests.golden.otlp.reading import CAPTURES, expected_of, write_expected
from tests.golden.otlp.receiver import otlp_requests, receiver

__all__ = ["main"]

HERE = Path(__file__).parent
EMITTERS = HERE / "emitters"
PYTHON = HERE.parents[2] / ".venvs" / "emitters" / "bin" / "python"

LATEST = {
    "OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY",
}
NOBODY = "host.name=host,host.id=0,os.version=0,process.runtime.description=cpython,process.pid=1,service.version=1"
EVENTS = LATEST | {
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "EVENT_ONLY",
    "OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT": "true",
}
CLAUDE_CODE = {
    "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORT_INTERVAL": "1000",
    "OTEL_METRIC_EXPORT_INTERVAL": "60000",
    "OTEL_LOG_USER_PROMPTS": "1",
    "OTEL_LOG_TOOL_DETAILS": "1",
    # All else that it sends by itself goes elsewhere.
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_TELEMETRY": "1",
    "OTEL_RESOURCE_ATTRIBUTES": f"{NOBODY},host.arch=any",
}
RUNS: dict[str, tuple[str, dict[str, str]]] = {
    "otel-openai": ("otel_openai.py", LATEST),
    "otel-openai-events": ("otel_openai.py", EVENTS),
    "otel-openai-silent": ("otel_openai.py", {}),
    "openinference-openai": ("openinference_openai.py", {}),
    "openinference-anthropic": ("openinference_anthropic.py", {}),
    "openinference-langchain": ("openinference_langchain.py", {}),
    "openinference-agents": ("openinference_agents.py", {}),
    "openinference-hidden": ("openinference_openai.py", {"OPENINFERENCE_HIDE_INPUTS": "true"}),
    "traceloop": ("traceloop_openai.py", {}),
    "traceloop-events": ("traceloop_events.py", {}),
    "pydantic-ai": ("pydantic_agent.py", {}),
    "logfire": ("logfire_openai.py", {}),
    "langfuse": ("langfuse_openai.py", {}),
    "laminar": ("laminar_openai.py", {}),
    "langsmith": ("langsmith_openai.py", {}),
    "braintrust": ("braintrust_openai.py", {}),
    "adk": ("adk_agent.py", {}),
    "claude-code": ("claude_code.mjs", CLAUDE_CODE),
    "mlflow": ("mlflow_openai.py", {"DO_NOT_TRACK": "true"}),
    "vercel": ("vercel.mjs", {}),
}
"""Each capture: the program that makes it, and what its environment says beside the usual."""


def main(arguments: list[str]) -> int:
    """Make the captures anew; the exit code tells whether every emitter sent something."""
    wanted = [name for name in arguments if name != "--expect"] or list(RUNS)
    missing: list[str] = []
    for name in wanted:
        if "--expect" not in arguments and not _capture(name):
            missing.append(name)
            continue
        write_expected(name, expected_of(name))
        sys.stdout.write(f"wrote {CAPTURES.name}/{name}\n")
    sys.stdout.writelines(f"{name} sent nothing\n" for name in missing)
    return 1 if missing else 0


def _capture(name: str) -> bool:
    program, variables = RUNS[name]
    command = ["node", program] if program.endswith(".mjs") else [str(PYTHON), program]
    with ScriptedModels(_say) as models, receiver() as sink:
        environment = _environment(models.url, sink.url) | variables
        done = subprocess.run(
            command, cwd=EMITTERS, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        requests = otlp_requests(sink.requests)
    if done.returncode:
        sys.stderr.write(f"{name} ended with {done.returncode}\n{done.stdout}{done.stderr}\n")
        return False
    if not requests:
        return False
    folder = CAPTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, (signal, data) in enumerate(requests, 1):
        (folder / f"{number:02}.{signal}.pb").write_bytes(data)
    return True


def _environment(models: str, sink: str) -> dict[str, str]:
    """What every emitter is told; nothing in it says on whose machine it runs."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": "weather",
        "OTEL_RESOURCE_ATTRIBUTES": NOBODY,
        "LANGCHAIN_REVISION_ID": "1",
        "OTEL_METRICS_EXPORTER": "none",
        "OPENAI_BASE_URL": f"{models}/v1",
        "OPENAI_API_KEY": "scripted",
        "ANTHROPIC_BASE_URL": models,
        "ANTHROPIC_API_KEY": "scripted",
        "GOOGLE_GEMINI_BASE_URL": models,
        "GOOGLE_API_KEY": "scripted",
    }


def _say(asked: Asked, body: Value) -> Reply:
    """The usual improvisation, with tokens in more than one bucket."""
    reply = improvise(asked, body)
    if asked.kind == "embedding":
        return reply
    if "Rome" in set(words_in(body)):
        reply = Reply(text='{"sky":"blue"}')
    stored = 40 if asked.provider == "anthropic" or "anthropic" in asked.dialect else 0
    used = Usage(input=20, cache_read=100, cache_write_5m=stored, output=8, reasoning=16)
    return msgspec.structs.replace(reply, usage=used)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
