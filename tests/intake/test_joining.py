"""Ids that follow from what coding agents name themselves."""

from agentreplay.intake.joining import span_of
from agentreplay.intake.sessions import trace_of_session
from agentreplay.model.ids import SessionId, check_span_id, check_trace_id

ONE, OTHER = SessionId("one"), SessionId("other")


def test_the_same_thing_has_the_same_id_and_others_have_others() -> None:
    found = {
        span_of(ONE, "tool", "t"),
        span_of(ONE, "tool", "u"),
        span_of(ONE, "agent", "t"),
        span_of(OTHER, "agent", "t"),
    }

    assert len(found) == 4
    assert span_of(ONE, "tool", "t") == span_of(OTHER, "tool", "t"), "the provider gives each call an id of its own"
    assert trace_of_session(ONE) != trace_of_session(OTHER)


def test_they_are_ids_of_opentelemetry() -> None:
    assert check_span_id(span_of(ONE, "tool", "\udc80")) == span_of(ONE, "tool", "\udc80")
    assert check_trace_id(trace_of_session(ONE)) == trace_of_session(ONE)


def test_they_never_change() -> None:
    """Stored spans are found again by them, whatever version wrote them."""
    assert (span_of(ONE, "tool", "toolu_1"), trace_of_session(ONE)) == (
        "49254d838648aa7c",
        "14abe016a3725de5f495b5939a634fd5",
    )
