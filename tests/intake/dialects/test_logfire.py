"""A pending span stands for the open one that it announces."""

from agentreplay.intake.dialects import logfire
from agentreplay.intake.normalise import normalise
from agentreplay.testing import Maker

PENDING = {"logfire.span_type": "pending_span", "logfire.pending_parent_id": "00f067aa0ba902b7"}


def test_a_pending_span_becomes_the_one_it_announces(make: Maker) -> None:
    above = make.span()
    pending = make.span(parent=above, attributes=PENDING)

    found = normalise(pending)

    assert (found.span.span_id, found.span.parent_id, found.span.end) == (above.span_id, "00f067aa0ba902b7", None)
    assert normalise(found.span) == found


def test_a_pending_root_has_no_parent(make: Maker) -> None:
    attributes = PENDING | {"logfire.pending_parent_id": "0" * 16}

    assert logfire.opened(make.span(parent=make.span(), attributes=attributes)).parent_id is None


def test_other_spans_stay_as_they_are(make: Maker) -> None:
    span = make.span(parent=make.span(), attributes={"logfire.span_type": "span"})

    assert logfire.opened(span) is span
