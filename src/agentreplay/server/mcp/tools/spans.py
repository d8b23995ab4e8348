"""Spans for other agents: what one asked and got, what its model saw, and what lies around it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta

from agentreplay.core import context, relations
from agentreplay.core.context import Message
from agentreplay.core.exchange import Exchange, Side, exchange
from agentreplay.errors import ContentMissing, ContextMissing
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.span import Span, SpanKey, SpanRow, narrow
from agentreplay.playback.folding import CALL
from agentreplay.server.mcp.arguments import After, Limit, Project, SpanName, following, paged, place_of
from agentreplay.server.mcp.brief import brief_span, buckets, moment, name_of, without_nothing
from agentreplay.server.mcp.fitting import Listing
from agentreplay.server.mcp.reach import Reach
from agentreplay.server.mcp.tools.scores import scores_of

__all__ = ["get_context", "get_span", "related_spans"]

_LARGEST = 256 << 10
"""Bytes of a body beyond which it is not told: no budget would hold it."""
_Changes = Annotated[
    bool, Meta(description="Only what changed since the call before: messages added, dropped and changed.")
]
_Relation = Annotated[
    Literal["children", "descendants", "ancestors", "siblings"], Meta(description="Which of the spans around it.")
]
_OF_NONE = "this span saw no messages; spans of the kind llm do"


def get_span(reach: Reach, span: SpanName, project: Project = None) -> Listing:
    """Read one span: what was asked and answered, errors, tokens, attributes and events.

    Long texts are cut to fit the budget. get_context has the messages of a model call one by one.
    """
    key = reach.span(span, project)
    whole = relations.get(reach.store.spans, key)
    attributes = {name: value for name, value in whole.attributes.items() if name != CALL}
    head = without_nothing({
        **brief_span(narrow(whole)),
        "session": whole.session,
        "project": whole.project,
        "parent": None if whole.parent_key is None else name_of(whole.parent_key),
        "started": moment(whole.start),
        "provider": whole.provider,
        "error": whole.status_message,
        **_crossed(reach, whole),
        "usage": buckets(whole.usage),
        "scores": scores_of(reach, key),
        "events": [
            without_nothing({"name": event.name, "at": moment(event.time), "attributes": event.attributes})
            for event in whole.events
        ],
        "attributes": attributes,
        "links": [f"{link.trace_id}/{link.span_id}" for link in whole.links],
    })  # fmt: skip
    return Listing(head)


def get_context(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    span: SpanName,
    changes: _Changes = False,  # noqa: FBT002  # it comes by its name
    limit: Limit = 50,
    cursor: After = None,
    project: Project = None,
) -> Listing:  # fmt: skip
    """Read the messages a model saw in one call, in order, or what changed in them since the call before."""
    key = reach.span(span, project)
    start = place_of(cursor)
    if changes:
        return _changed(reach, key, start, limit)
    seen = context.messages(reach.store, key, start, limit)
    if seen is None:
        return Listing({"note": _OF_NONE}, [])
    return Listing({"messages": seen.total}, [_message(one) for one in seen.messages], following(start, seen.total))


def related_spans(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    span: SpanName,
    relation: _Relation = "children",
    limit: Limit = 50,
    cursor: After = None,
    project: Project = None,
) -> Listing:
    """List the spans around one: right below it, all below it, above it up to the root, or beside it."""
    key = reach.span(span, project)
    here = relations.get(reach.store.spans, key)
    head = {"of": brief_span(narrow(here)), "relation": relation}
    if relation == "ancestors":
        above = reach.store.spans.ancestors(key)
        start = place_of(cursor)
        return Listing(head, [brief_span(row) for row in above[start : start + limit]], following(start, above))

    def ask(request: PageRequest) -> Page[SpanRow]:
        match relation:
            case "children":
                return reach.store.spans.children(key, request)
            case "descendants":
                return reach.store.spans.descendants(key, request)
            case _:
                return relations.siblings(reach.store.spans, key, request)

    return paged(head, ask, brief_span, limit, cursor)


def _changed(reach: Reach, key: SpanKey, start: int, limit: int) -> Listing:
    turn = context.changes(reach.store, key)
    if turn is None:
        return Listing({"note": _OF_NONE}, [])
    steps = [
        without_nothing({
            "what": step.kind,
            "before": None if step.before is None else _message(step.before),
            "after": None if step.after is None or step.differences else _message(step.after),
            "differences": step.differences,
        })
        for step in turn.steps
        if step.kind != "same"
    ]  # fmt: skip
    head = {"since": None if turn.previous is None else name_of(turn.previous.key)}
    return Listing(head, steps[start : start + limit], following(start, steps))


def _message(one: Message) -> dict[str, object]:
    if one.is_missing:
        return {"place": one.place, "missing": True}
    return {"place": one.place, "message": one.message}


def _crossed(reach: Reach, span: Span) -> Mapping[str, object]:
    """What went over the boundary, as far as it is known."""
    try:
        call = exchange(reach.store, span.key, _LARGEST)
    except (ContentMissing, ContextMissing) as error:
        return {"contents": error.message}
    return _understood(call) if call.understood is not None else _as_it_is(call)


def _understood(call: Exchange) -> Mapping[str, object]:
    asked, reply = call.understood, call.reply
    told: dict[str, object] = {}
    if asked is not None:
        told["asked"] = without_nothing({"parameters": asked.parameters, "tools": asked.tools, "see": "get_context"})
    if reply is not None:
        told["answered"] = without_nothing({
            "text": reply.text,
            "reasoning": reply.reasoning,
            "tool_calls": [{"name": one.name, "arguments": one.arguments} for one in reply.tool_calls],
            "finish_reason": reply.finish_reason,
            "error": reply.error,
        })  # fmt: skip
    return told


def _as_it_is(call: Exchange) -> Mapping[str, object]:
    return {name: told for name, side in (("asked", call.asked), ("answered", call.answered)) if (told := _side(side))}


def _side(side: Side | None) -> dict[str, object]:
    if side is None:
        return {}
    raised = None if side.raised is None else f"{side.raised.name}: {side.raised.message}"
    unread = f"{side.bytes} bytes of {side.media}" if side.value is None and side.bytes else None
    told = {"value": side.value, "raised": raised, "unread": unread, "status": side.head.get("status")}
    return without_nothing(told)
