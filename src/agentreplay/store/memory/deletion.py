"""How a memory store deletes: the target, what is derived from it, and what only the target held."""

from collections.abc import Container, Iterable
from typing import Literal, assert_never

import msgspec

from agentreplay.contents.echoes import Sources
from agentreplay.model.change import Change
from agentreplay.model.ids import ContentHash, ContextId, Position, SessionId, TenantId
from agentreplay.model.receipt import Receipt, Target
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.store.memory.state import State, session_of

__all__ = ["delete", "without_payload"]


def delete(state: State, target: Target) -> Receipt:
    """Remove the target and say what went."""
    spans = [span for span in state.spans.values() if _is_meant(span, target)]
    links = {link for span in spans for link in _links(state, span)}
    contents = {kept.hash for span in spans for kept in span.kept}
    before = set(state.session_keys())
    match target.what:
        case "payload":
            _strip(state, spans)
        case "trace" | "session" | "project":
            _remove(state, spans, target)
        case _:
            assert_never(target.what)
    gone = before.difference(state.session_keys())
    _record(state, target, spans, gone)
    removed_links = _sweep_links(state, target.tenant, links)
    contents.update(removed_links.values())
    sizes = _sweep_contents(state, target.tenant, contents)
    return Receipt(
        target=target,
        sessions=len(gone),
        spans=0 if target.what == "payload" else len(spans),
        contents=len(sizes),
        content_bytes=sum(sizes),
        links=len(removed_links),
    )


def _is_meant(span: Span, target: Target) -> bool:
    return (
        span.tenant == target.tenant
        and span.project == target.project
        and target.session in (None, span.session)
        and target.trace_id in (None, span.trace_id)
        and target.span_id in (None, span.span_id)
    )


def _strip(state: State, spans: Iterable[Span]) -> None:
    for span in spans:
        gone = state.without_payload.get(span.key, frozenset()) | _echoing(state, span)
        state.without_payload[span.key] = gone
        state.spans[span.key] = without_payload(span, gone)


def without_payload(span: Span, gone: Container[str]) -> Span:
    """A span without what it held, what it saw, and the attributes that said the same."""
    told = {name: value for name, value in span.attributes.items() if name not in gone}
    return msgspec.structs.replace(span, kept=(), context=None, attributes=told)


def _echoing(state: State, span: Span) -> frozenset[str]:
    """The attributes that only say again what the payload says."""
    links = [] if span.context is None else state.context(span.tenant, span.context.id)
    kept, said = (
        [None if (found := state.contents.get((span.tenant, one))) is None else found.data for one in hashes]
        for hashes in ([kept.hash for kept in span.kept], [link.message for link in links])
    )
    sources = Sources.of(kept, [] if None in said else [data for data in said if data is not None])
    return frozenset(
        name for name, value in span.attributes.items() if isinstance(value, str) and sources.find(value) is not None
    )


def _remove(state: State, spans: Iterable[Span], target: Target) -> None:
    for span in spans:
        del state.spans[span.key]
        state.without_payload.pop(span.key, None)
        state.followers.discard(span.key)
        state.repeats.pop(span.key, None)
        state.changes.pop(span.key, None)
    if target.trace_id is None:
        for key in list(state.told):
            if key[:2] == (target.tenant, target.project) and target.session in (None, key.session):
                del state.told[key]


def _record(state: State, target: Target, spans: Iterable[Span], gone: set[SessionKey]) -> None:
    """Put the deletion in the change feed, in place of what told of the things that went."""
    touched = dict.fromkeys([*map(session_of, spans), *sorted(gone)])
    if target.what == "payload":
        for span in spans:
            state.record(_change("span", session_of(span), span))
    elif target.what == "project":
        for session in touched:
            state.changes.pop(session, None)
        if touched:
            state.record(_change("project deleted", SessionKey(target.tenant, target.project, SessionId(""))))
    else:
        for session in touched:
            state.record(_change("session deleted" if session in gone else "session", session))


def _change(
    what: Literal["span", "session", "session deleted", "project deleted"],
    session: SessionKey,
    span: Span | None = None,
) -> Change:
    return Change(position=Position(0), what=what, session=session, span=span.key if span else None)


def _links(state: State, span: Span) -> Iterable[ContextId]:
    return () if span.context is None else (link.id for link in state.chain(span.tenant, span.context.id))


def _sweep_links(state: State, tenant: TenantId, candidates: set[ContextId]) -> dict[ContextId, ContentHash]:
    """Remove those links that no span holds and no other link goes on from."""
    others = [id_ for owner, id_ in state.links if owner == tenant and id_ not in candidates]
    contexts = [span.context.id for span in state.spans.values() if span.tenant == tenant and span.context]
    held = {link.id for id_ in [*others, *contexts] for link in state.chain(tenant, id_)}
    return {id_: state.links.pop((tenant, id_)).message for id_ in candidates - held}


def _sweep_contents(state: State, tenant: TenantId, candidates: set[ContentHash]) -> list[int]:
    """Remove those contents that no span and no link holds; the sizes of what went."""
    held = {kept.hash for span in state.spans.values() if span.tenant == tenant for kept in span.kept}
    held.update(link.message for (owner, _), link in state.links.items() if owner == tenant)
    gone = (state.contents.pop((tenant, content), None) for content in candidates - held)
    return [len(content.data) for content in gone if content is not None]
