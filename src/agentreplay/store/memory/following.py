"""Keeps spans that name no session in the one that their trace names."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from agentreplay.model.change import Change
from agentreplay.model.ids import Position, ProjectId, SessionId, TenantId, TraceId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey, SpanRow
from agentreplay.store.memory.state import State, session_of

__all__ = ["follow", "home_of", "is_left", "names_none"]

_Trace = tuple[TenantId, ProjectId, TraceId]


def names_none(span: SpanRow) -> bool:
    """Whether the span names no session: it is told in one that bears the id of its trace."""
    return str(span.session) == str(span.trace_id)


def home_of(state: State, key: SpanKey) -> SessionId | None:
    """The session that the trace of a span names: of several the first by its id."""
    named = [
        span.session for span in state.spans.values() if span.key[:3] == key[:3] and span.key not in state.followers
    ]
    return min(named, default=None)


def follow(state: State, told: Iterable[Span]) -> None:
    """Bring the spans that name no session to those of their traces, of which these were told."""
    for trace, (home, followers) in _traces(state, dict.fromkeys(span.key[:3] for span in told)).items():
        own = SessionKey(trace[0], trace[1], SessionId(trace[2]))
        left = [span for span in followers if span.session != home]
        if not left and own not in state.told:
            continue
        was_there = own in state.session_keys()
        for span in left:
            moved = state.spans[span.key] = msgspec.structs.replace(span, session=home)
            state.record(Change(position=Position(0), what="span", session=session_of(moved), span=span.key))
        if state.told.pop(own, None) is not None:
            state.changes.pop(own, None)
        if was_there and own not in state.session_keys():
            state.record(Change(position=Position(0), what="session deleted", session=own))


def _traces(state: State, wanted: Collection[_Trace]) -> Mapping[_Trace, tuple[SessionId, Sequence[Span]]]:
    """Of these traces those that name a session: the first by its id, and the spans that name none."""
    homes: dict[_Trace, SessionId] = {}
    followers: dict[_Trace, list[Span]] = {}
    for key, span in state.spans.items():
        if (trace := key[:3]) in wanted:
            if key in state.followers:
                followers.setdefault(trace, []).append(span)
            else:
                homes[trace] = min(homes.get(trace, span.session), span.session)
    return {trace: (homes[trace], followers.get(trace, ())) for trace in wanted if trace in homes}


def is_left(state: State, session: SessionKey) -> bool:
    """Whether this session bears the id of a trace whose spans are in another."""
    return any(
        span.key[:2] == session[:2] and str(span.trace_id) == session.session and key not in state.followers
        for key, span in state.spans.items()
    )
