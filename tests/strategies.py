"""Strategies for the values of the vocabulary, the strange ones included."""

from typing import Any, cast

from hypothesis import strategies as st

from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import ContextLink, ContextRef, Marker, chain
from agentreplay.model.ids import ContentHash, ContextId, SpanId, TraceId
from agentreplay.model.session import SESSION_STATUSES, Origin, Program, Session
from agentreplay.model.span import KINDS, STATUSES, Event, Link, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.model.values import Value

__all__ = [
    "batches",
    "broken_texts",
    "content_hashes",
    "contents",
    "link_chains",
    "sessions",
    "span_ids",
    "spans",
    "times",
    "trace_ids",
    "usages",
    "values",
]

broken_texts: st.SearchStrategy[str] = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
"""Any text, lone surrogates included."""

times = st.integers(-(1 << 63), (1 << 63) - 1).map(Nanoseconds)
trace_ids = st.binary(min_size=16, max_size=16).map(lambda data: TraceId(data.hex()))
span_ids = st.binary(min_size=8, max_size=8).map(lambda data: SpanId(data.hex()))
content_hashes = st.binary(min_size=32, max_size=32).map(lambda data: ContentHash(data.hex()))
context_ids = st.binary(min_size=16, max_size=16).map(lambda data: ContextId(data.hex()))
names = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)

_edges = (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64, -(1 << 63), -(1 << 63) - 1
_scalars: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(_edges),
    st.integers(64, 20_000).map(lambda bits: 1 << bits),
    st.floats(),
    broken_texts,
    st.binary(max_size=12),
)
values: st.SearchStrategy[Value] = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(broken_texts, inner, max_size=4),
    max_leaves=12,
)
attributes = st.dictionaries(broken_texts, values, max_size=4)
usages = st.builds(Usage, **{name: st.integers(0, 1 << 36) for name in Usage.__struct_fields__})


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_counts = st.integers(0, (1 << 32) - 1)
_events = st.builds(Event, name=broken_texts, time=times, attributes=attributes, dropped_attributes=_counts)
_links = st.builds(
    Link,
    trace_id=trace_ids,
    span_id=span_ids,
    trace_state=broken_texts,
    flags=_counts,
    attributes=attributes,
    dropped_attributes=_counts,
)
_markers = st.builds(
    Marker,
    st.integers(0, 1000),
    st.lists(broken_texts | st.integers(0, 1000), max_size=3).map(tuple),
    values,
)
_contexts = st.builds(ContextRef, id=context_ids, markers=st.lists(_markers, max_size=2).map(tuple))

spans: st.SearchStrategy[Span] = st.builds(
    Span,
    tenant=names,
    project=names,
    session=names,
    trace_id=trace_ids,
    span_id=span_ids,
    parent_id=_some(span_ids),
    kind=st.sampled_from(KINDS) | broken_texts,
    name=broken_texts,
    start=times,
    end=_some(times),
    seq=st.integers(0, (1 << 53) - 1),
    status=st.sampled_from(STATUSES),
    agent=_some(broken_texts),
    iteration=_some(st.integers(0, (1 << 53) - 1)),
    model=_some(broken_texts),
    provider=_some(broken_texts),
    tool=_some(broken_texts),
    usage=usages,
    cost=_some(st.integers(0, (1 << 53) - 1).map(NanoDollars)),
    status_message=broken_texts,
    attributes=attributes,
    events=st.lists(_events, max_size=2).map(tuple),
    links=st.lists(_links, max_size=2).map(tuple),
    kept=st.lists(st.builds(Kept, role=broken_texts, hash=content_hashes), max_size=2).map(tuple),
    context=_some(_contexts),
    trace_state=broken_texts,
    flags=_counts,
    resource=attributes,
    scope=attributes,
    dropped_attributes=_counts,
    dropped_events=_counts,
    dropped_links=_counts,
)

sessions: st.SearchStrategy[Session] = st.builds(
    Session,
    tenant=names,
    project=names,
    id=names,
    revision=times,
    name=broken_texts,
    agent=_some(broken_texts),
    status=_some(st.sampled_from(SESSION_STATUSES)),
    source=broken_texts,
    started=_some(times),
    ended=_some(times),
    program=_some(
        st.builds(
            Program,
            argv=st.lists(broken_texts, max_size=3).map(tuple),
            cwd=broken_texts,
            versions=st.dictionaries(broken_texts, broken_texts, max_size=3),
            commit=broken_texts,
        )
    ),
    labels=st.dictionaries(broken_texts, broken_texts, max_size=3),
    origin=_some(st.builds(Origin, session=names, seq=st.integers(1, (1 << 53) - 1))),
)

contents: st.SearchStrategy[Content] = st.builds(
    Content.of, st.binary(max_size=60), st.sampled_from(["application/json", "text/plain", "image/png"])
)
link_chains: st.SearchStrategy[tuple[ContextLink, ...]] = st.lists(content_hashes, max_size=4).map(
    lambda messages: tuple(chain(messages))
)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """A batch of one tenant."""
    tenant = draw(names)
    return Batch(
        tenant=cast("Any", tenant),
        sessions=tuple(draw(st.lists(sessions.map(_given_to(tenant)), max_size=2))),
        spans=tuple(draw(st.lists(spans.map(_given_to(tenant)), max_size=2))),
        contents=tuple(draw(st.lists(contents, max_size=2))),
        links=draw(link_chains),
    )


def _given_to(tenant: str) -> Any:
    return lambda thing: type(thing)(
        **{name: getattr(thing, name) for name in thing.__struct_fields__} | {"tenant": tenant}
    )
