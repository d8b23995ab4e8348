"""Programs of which several layers tell at once: they are recorded, wrap their clients, export OTLP and go through the
gateway, all to one server. Every call, tool and step is in the recording once, and charged there alone.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from agentreplay.model.charging import CHARGED
from agentreplay.model.span import Span
from agentreplay.store.registry import open_store
from agentreplay.testing import ScriptedModels
from tests.sdk.home import Home
from tests.server.gateway.stage import staged
from tests.server.running import spans_of
from tests.slow.frameworks import Models, kept, tree_of
from tests.slow.story import script_of
from tests.slow.test_programs import PROGRAMS, Desk, python_of, shuffling_models

pytestmark = pytest.mark.slow

LAYERS = {
    "anthropic_calls": ("anthropic", ["openinference-anthropic"]),
    "langgraph_agent": ("openai", ["openinference-langchain", "openai-v2"]),
    "litellm_agent": ("openai", ["litellm"]),
    "openai_agent": ("openai", ["openinference-openai-agents", "openinference-openai"]),
    "openai_calls": ("openai", ["openinference-openai"]),
    "pydantic_agent": ("openai", ["pydantic-ai"]),
}
"""Which SDK each program asks models with, and through which upstream of the gateway; and what tells of it beside."""
AFTERWARDS = {"litellm_agent"}
"""Whose telemetry makes its spans when a call is over: they stand in a session of their own, and cost nothing."""


def models_of(program: str) -> ScriptedModels:
    if not program.endswith("_agent"):
        return shuffling_models()
    models = Models()
    models.learn(script_of(program))
    return models.server


def all_of(folder: Path) -> list[Span]:
    with closing(open_store(folder)) as store:
        store.drain()
    return spans_of(folder)


def charged(spans: Sequence[Span]) -> tuple[int, int]:
    """The tokens and the cost of all of them."""
    return sum(span.usage.total for span in spans), sum(span.cost or 0 for span in spans)


@pytest.mark.parametrize("program", sorted(LAYERS))
def test_what_several_layers_tell_is_there_once(program: str, tmp_path: Path) -> None:
    upstream, telemetry = LAYERS[program]
    models = models_of(program)
    with models, staged(tmp_path / "data", models) as stage:
        address = stage.server.address
        desk = Desk(tmp_path / "data", f"{address}/gateway/session/through/{upstream}", python_of("layers"))
        command = [desk.python, str(PROGRAMS / "layers.py"), program, "telemetry", upstream, *telemetry]
        done = desk.agentreplay("run", "--", *command, OTEL_EXPORTER_OTLP_ENDPOINT=address)
        assert done.returncode == 0, done.stderr.decode()
        everything = all_of(desk.folder)
        session = next(span.session for span in everything if "process.pid" in span.attributes)
        verdict = desk.verdict(session, OTEL_EXPORTER_OTLP_ENDPOINT=address)
    home = Home(desk.folder)
    spans, calls = home.spans(session), home.tape(session).calls
    others = [span for span in everything if span.session != session]
    through = [span for span in others if span.session == "through" and span.kind in CHARGED]
    told = [span for span in others if span.session != "through" and span.kind in CHARGED]

    assert not home.troubles(session)
    assert len(calls) == sum(span.kind in CHARGED for span in spans) == len(models.requests) == len(through)
    assert all(call.answer is not None and call.answer.body for call in calls)
    answers = [call.answer for call in calls if call.answer is not None and call.answer.head.get("status") == 200]
    paid = [span for span in spans if span.kind in CHARGED and span.usage.total and span.cost]
    # A stream tells no tokens unless it is asked to.
    assert len(paid) == sum(b"_tokens" in answer.body for answer in answers)
    assert charged(others) == (0, 0) < charged(spans)
    assert bool(told) == (program in AFTERWARDS)
    assert verdict["status"] == "identical", verdict
    if "tree" in kept().get(program, {}):
        assert tree_of(spans) == kept()[program]["tree"]
