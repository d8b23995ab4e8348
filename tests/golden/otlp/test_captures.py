"""What real emitters sent is read as it was, whatever is read beside it later."""

import json

import pytest

from agentreplay.intake.normalise import normalise
from agentreplay.model.usage import NO_USAGE, Usage
from tests.golden.otlp.reading import CAPTURES, expected_of, names, normalised, read

USED = Usage(input=20, cache_read=100, output=8, reasoning=16)
"""What each call of a scripted model uses in its emitters' conversations."""

COARSE = {
    "braintrust",
    "claude-code",
    "laminar",
    "mlflow",
    "openinference-anthropic",
    "otel-openai",
    "otel-openai-events",
    "otel-openai-silent",
    "langfuse",
    "traceloop",
    "traceloop-events",
    "vercel",
}
"""Captures with calls of which the emitter did not tell every bucket, or that used something else."""


@pytest.mark.parametrize("name", names())
def test_a_capture_is_read_as_it_always_was(name: str) -> None:
    expected = json.loads((CAPTURES / name / "expected.json").read_text(encoding="utf-8"))

    assert json.loads(json.dumps(expected_of(name))) == expected


@pytest.mark.parametrize("name", names())
def test_reading_again_from_what_is_stored_changes_nothing(name: str) -> None:
    for found in normalised(name):
        assert normalise(found.span) == found


@pytest.mark.parametrize("name", names())
def test_no_attribute_is_lost(name: str) -> None:
    for span in read(name):
        kept = normalise(span).span

        assert span.attributes.items() <= kept.attributes.items()
        assert (kept.events, kept.links, kept.resource, kept.scope) == (
            span.events,
            span.links,
            span.resource,
            span.scope,
        )


@pytest.mark.parametrize("name", sorted(set(names()) - COARSE))
def test_each_call_used_what_the_model_said(name: str) -> None:
    used = [found.span.usage for found in normalised(name) if found.span.kind == "llm"]

    assert set(used) - {NO_USAGE} == {USED}


def test_outer_spans_are_not_charged() -> None:
    spans = [found.span for found in normalised("vercel")]

    charged = {span.name for span in spans if span.usage.total}
    assert "ai.generateText.doGenerate" in charged
    assert all(name.endswith(("doGenerate", "doStream", "doEmbed")) for name in charged)


@pytest.mark.parametrize("name", names())
def test_a_conversation_grows_by_what_is_said(name: str) -> None:
    """The second call of a model sees what the first one saw, so they share their links."""
    links = [{link.id for link in found.links} for found in normalised(name) if found.span.kind == "llm"]
    shown = [one for one in links if one]

    if name not in {"braintrust", "claude-code", "otel-openai-silent", "openinference-hidden", "langfuse"}:
        assert any(first < second for first in shown for second in shown)
