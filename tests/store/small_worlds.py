"""Batches, targets and filters from a world so small that everything meets everything else."""

import json
from typing import Any

from hypothesis import strategies as st

from agentreplay.contents.messages import Conversation, split
from agentreplay.model.batch import Batch
from agentreplay.model.content import TEXT, Content, Kept
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.query import Attribute, Bounds, SessionFilter, SpanFilter
from agentreplay.model.receipt import Target
from agentreplay.model.session import SESSION_STATUSES, Origin, Session
from agentreplay.model.span import STATUSES, Span
from agentreplay.model.time import HOUR, SECOND, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.testing import NEW_YEAR
from tests.store.observation import Probe

__all__ = ["OWN_SESSIONS", "PROBE", "TENANTS", "batches", "session_filters", "span_filters", "targets"]

TENANTS = (TenantId("one"), TenantId("two"))
PROJECTS = (ProjectId("p"), ProjectId("q"))
SESSIONS = (SessionId("a"), SessionId("aB"), SessionId("b"))
TRACES = tuple(TraceId(digit * 32) for digit in "1f")
OWN_SESSIONS = tuple(SessionId(trace) for trace in TRACES)
"""A span in the one that bears the id of its trace names none."""
SPANS = tuple(SpanId(digit * 16) for digit in "0123f")
KINDS, AGENTS, MODELS, TOOLS = ("llm", "tool"), ("planner", "writer"), ("m1", "m2"), ("grep", "")
NAMES, ERRORS = ("work", "work hello", "rest", ""), ("", "", "failed", "failed hello")
LABELS: tuple[dict[str, str], ...] = ({}, {"team": "red"}, {"team": "blue", "env": "ci"})
ATTRIBUTES: tuple[dict[str, Any], ...] = ({}, {"n": 1}, {"n": True, "text": "yes"}, {"list": [1, None]})
LONG = "hello at length " * 40
WORDS = ("alpha", "beta", "gamma", "system", "hello", "forecast", "work", "failed", "failed hello", "nothing")

CONTENTS = tuple(Content.of(text.encode(), TEXT) for text in ("alpha", "alpha beta", "gamma", "", "delta", LONG))
TALKS = tuple(
    split([{"role": "user", "content": text} for text in texts])
    for texts in (
        ("system",),
        ("system", LONG),
        ("system", LONG, "forecast"),
        ("system", "alpha"),
        ("gamma", "system", "gamma"),
    )
)
MESSAGES = tuple({content.hash: content for talk in TALKS for content in talk.contents}.values())
PROBE = Probe(
    contents=frozenset(content.hash for content in (*CONTENTS, *MESSAGES)),
    contexts=frozenset(link.id for talk in TALKS for link in talk.links),
    words=WORDS,
)

# The first of each pool is drawn most often, so that much happens in one place.
_tenants = st.sampled_from((TENANTS[0], TENANTS[0], TENANTS[0], TENANTS[1]))
_projects = st.sampled_from((PROJECTS[0], PROJECTS[0], PROJECTS[1]))
_starts = st.sampled_from([Nanoseconds(NEW_YEAR + half_hours * HOUR // 2) for half_hours in (1, 1, 2, 3)])
_traces = st.sampled_from((TRACES[0], TRACES[0], TRACES[1]))
_parents = st.sampled_from((SPANS[0], SPANS[0], None, *SPANS))
_usages = st.sampled_from((NO_USAGE, Usage(input=10), Usage(output=3, cache_read=5)))


def _some(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


@st.composite
def _spans(draw: st.DrawFn, tenant: TenantId) -> Span:
    start, length = draw(_starts), draw(st.sampled_from((None, 0, SECOND, 7 * SECOND, -1)))
    kept = draw(st.lists(st.sampled_from((*CONTENTS, MESSAGES[0])), max_size=2))
    talk: Conversation | None = draw(_some(TALKS))
    return Span(
        tenant=tenant,
        project=draw(_projects),
        session=draw(st.sampled_from((*SESSIONS, *OWN_SESSIONS, OWN_SESSIONS[0]))),
        trace_id=draw(_traces),
        span_id=draw(st.sampled_from(SPANS)),
        parent_id=draw(_parents),
        kind=draw(st.sampled_from(KINDS)),
        name=draw(st.sampled_from(NAMES)),
        start=start,
        end=None if length is None else Nanoseconds(start + length),
        seq=draw(st.sampled_from((0, 0, 1))),
        status=draw(st.sampled_from(STATUSES)),
        agent=draw(_some(AGENTS)),
        iteration=draw(st.none() | st.integers(0, 3)),
        model=draw(_some(MODELS)),
        tool=draw(_some(TOOLS)),
        usage=draw(_usages),
        cost=draw(st.none() | st.integers(0, 3).map(NanoDollars)),
        status_message=draw(st.sampled_from(ERRORS)),
        attributes=draw(st.sampled_from((*ATTRIBUTES, *_echoes(talk)))),
        kept=tuple(Kept(role="answer", hash=content.hash) for content in kept),
        context=talk.ref if talk else None,
    )


def _echoes(talk: Conversation | None) -> list[dict[str, Any]]:
    """Attributes that say again what the span saw, or that say what it would have if it had."""
    messages = [json.loads(content.data) for content in (talk or TALKS[1]).contents]
    return [
        {"messages": json.dumps(messages), "n": 1},
        {"messages": json.dumps(messages, separators=(",", ":")), "last": messages[-1]["content"]},
        {"last": messages[-1]["content"], "whole": LONG, "n": 1},
    ]


def _sessions(tenant: TenantId) -> st.SearchStrategy[Session]:
    return st.builds(
        Session,
        tenant=st.just(tenant),
        project=_projects,
        id=st.sampled_from((*SESSIONS, *OWN_SESSIONS)),
        revision=st.integers(0, 3),
        agent=_some(AGENTS),
        status=_some(SESSION_STATUSES),
        source=st.sampled_from(("", "sdk")),
        started=st.none() | _starts,
        labels=st.sampled_from(LABELS),
        origin=st.none() | st.builds(Origin, session=st.sampled_from(SESSIONS), seq=st.just(1)),
    )


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Things that may have been told before, or otherwise, or that come before what they belong to."""
    tenant = draw(_tenants)
    spans = draw(st.lists(_spans(tenant), min_size=min(1, draw(st.integers(0, 5))), max_size=5))
    talks = draw(st.lists(st.sampled_from(TALKS), max_size=2))
    if draw(st.booleans()):
        talks += [talk for talk in TALKS if talk.ref in [span.context for span in spans]]
    links = [link for talk in talks for link in talk.links]
    contents = [content for talk in talks for content in talk.contents]
    if draw(st.integers(0, 3)) == 0:
        # Some of it comes with another batch, or never.
        links = draw(st.lists(st.sampled_from(links), unique=True)) if links else []
        contents = draw(st.lists(st.sampled_from(contents), unique=True)) if contents else []
    return Batch(
        tenant=tenant,
        sessions=tuple(draw(st.lists(_sessions(tenant), max_size=1))),
        spans=tuple(spans),
        contents=(*contents, *draw(st.lists(st.sampled_from(CONTENTS), max_size=2))),
        links=tuple(links),
    )


@st.composite
def targets(draw: st.DrawFn) -> Target:
    """A project, a session, a trace of a session or of a project, or the payload of a span."""
    what = draw(st.sampled_from(("project", "session", "trace", "trace of all", "payload", "payload")))
    return Target(
        tenant=draw(_tenants),
        project=draw(_projects),
        session=draw(st.sampled_from((*SESSIONS, *OWN_SESSIONS))) if what in {"session", "trace"} else None,
        trace_id=draw(st.sampled_from(TRACES)) if what in {"trace", "trace of all", "payload"} else None,
        span_id=draw(st.sampled_from(SPANS)) if what == "payload" else None,
    )


_bounds = st.builds(Bounds, least=st.none() | st.integers(0, 12), most=st.none() | st.integers(0, 12))
_attributes = st.sampled_from([Attribute(key, value) for some in ATTRIBUTES for key, value in some.items()])
_labels = st.sampled_from([label for some in LABELS for label in some.items()])


def _rarely(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.none(), st.none(), strategy)


span_filters = st.builds(
    SpanFilter,
    tenant=_tenants,
    project=_rarely(st.sampled_from(PROJECTS)),
    session=_rarely(st.sampled_from(SESSIONS)),
    trace_id=_rarely(st.sampled_from(TRACES)),
    since=_rarely(_starts),
    until=_rarely(_starts),
    kind=_rarely(st.sampled_from(KINDS)),
    name=_rarely(st.sampled_from(NAMES)),
    status=_rarely(st.sampled_from(STATUSES)),
    agent=_rarely(st.sampled_from(AGENTS)),
    model=_rarely(st.sampled_from(MODELS)),
    tool=_rarely(st.sampled_from(TOOLS)),
    label=_rarely(_labels),
    attribute=_rarely(_attributes),
)
session_filters = st.builds(
    SessionFilter,
    tenant=_tenants,
    project=_rarely(st.sampled_from(PROJECTS)),
    prefix=_rarely(st.sampled_from(("", "a", "A", "ab", "AB", "b", "ba"))),
    origin=_rarely(st.sampled_from(SESSIONS)),
    agent=_rarely(st.sampled_from(AGENTS)),
    status=_rarely(st.sampled_from(SESSION_STATUSES)),
    source=_rarely(st.just("sdk")),
    label=_rarely(_labels),
    since=_rarely(_starts),
    until=_rarely(_starts),
    model=_rarely(st.sampled_from(MODELS)),
    tool=_rarely(st.sampled_from(TOOLS)),
    cost=_rarely(_bounds),
    tokens=_rarely(_bounds),
    duration=_rarely(st.builds(Bounds, least=_starts.map(lambda start: start - NEW_YEAR))),
    spans=_rarely(_bounds),
    text=_rarely(st.sampled_from(WORDS)),
)
