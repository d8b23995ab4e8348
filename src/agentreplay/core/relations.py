"""How spans are related: the parent, the siblings, the path from one span to another."""

import msgspec

from agentreplay.errors import SpanMissing
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.span import Span, SpanKey, SpanRow, narrow
from agentreplay.store.protocol import Spans

__all__ = ["Route", "get", "parent", "path", "siblings", "subtree"]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """The way from one span to another: up to the span both lie under, and down again."""

    spans: tuple[SpanRow, ...]
    """From the first to the second, both included; these two with the `seq` their writer gave them."""
    top: int
    """The place in `spans` of the one that all others lie under."""


def get(spans: Spans, key: SpanKey) -> Span:
    """The whole span; raises SpanMissing when it is not stored."""
    span = spans.get(key)
    if span is None:
        raise SpanMissing(span=key.span_id)
    return span


def parent(spans: Spans, key: SpanKey) -> SpanRow | None:
    """The span this one was started by; None for a root, and while the parent is not stored.

    Raises SpanMissing when the span itself is not stored.
    """
    get(spans, key)
    return next(iter(spans.ancestors(key)), None)


def siblings(spans: Spans, key: SpanKey, request: PageRequest | None = None) -> Page[SpanRow]:
    """The other children of the same parent, in the order of the session. A root has none.

    The page that would have held the span itself is one shorter than was asked for. Raises SpanMissing when
    the span is not stored; its parent need not be.
    """
    above = get(spans, key).parent_key
    if above is None:
        return Page(items=())
    page = spans.children(above, request or PageRequest())
    return Page(items=tuple(span for span in page.items if span.key != key), next=page.next)


def subtree(spans: Spans, key: SpanKey, request: PageRequest | None = None) -> Page[SpanRow]:
    """The span and all below it, in the order of the session; it stands on the first page, beyond the limit.

    Raises SpanMissing when it is not stored.
    """
    request = request or PageRequest()
    root = narrow(get(spans, key))
    page = spans.descendants(key, request)
    return page if request.after is not None else Page(items=(root, *page.items), next=page.next)


def path(spans: Spans, first: SpanKey, second: SpanKey) -> Route | None:
    """The way from one span to the other; None when no stored span joins them.

    Raises SpanMissing when one of the two is not stored.
    """
    up, down = _upwards(spans, first), _upwards(spans, second)
    places = {span.key: place for place, span in enumerate(down)}
    for top, span in enumerate(up):
        meeting = places.get(span.key)
        if meeting is not None:
            return Route(spans=(*up[: top + 1], *reversed(down[:meeting])), top=top)
    return None


def _upwards(spans: Spans, key: SpanKey) -> list[SpanRow]:
    return [narrow(get(spans, key)), *spans.ancestors(key)]
