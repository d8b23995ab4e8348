"""What the server of the tests has stored: a small recorded conversation, its fork, and things of a stranger."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from agentreplay.core.calls import batch_of_crossing
from agentreplay.core.memory_writing import MemoryWriting
from agentreplay.model.call import Answer, Chunk, Crossing, Request, Site
from agentreplay.model.content import Content, Kept
from agentreplay.model.fact import Author, StateKey
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.memory import CollectionKey, Record
from agentreplay.model.session import Origin
from agentreplay.model.span import Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.store.registry import open_store
from agentreplay.testing import Maker, batch_of, draft_of

__all__ = ["OURS", "PAGE", "PROJECT", "QUIET", "SECRET", "STRANGER", "Population", "populate"]

OURS, STRANGER, PROJECT = "acme", "stranger", "demo"
QUIET = "kettle"
"""A project without a session, in which only something is remembered."""
SECRET = "sesame"
"""A word that stands in everything the stranger stored."""
PAGE = Content.of(b"<script>alert(1)</script>" * 10, "text/html")
"""A content that a browser could run."""

_SYSTEM = {"role": "system", "content": "Be brief."}
_ASKED = {"role": "user", "content": "Where is order seven?"}
_SAID = {"role": "assistant", "content": "On its way."}
_AGAIN = {"role": "user", "content": "And when?"}


class Population(NamedTuple):
    """Where to find things."""

    session: str
    fork: str
    running: str
    trace: str
    root: str
    first: str
    """The span of the first call of the model, which streamed; `second` goes on from it."""
    second: str
    tool: str
    page: str
    """The hash of PAGE."""
    strangers: "Population | None" = None


def populate(folder: Path) -> Population:
    """Fill a store that is still empty."""
    store = open_store(folder)
    try:
        ours, theirs = (_fill(store, tenant, word) for tenant, word in ((OURS, "kettle"), (STRANGER, SECRET)))
        store.drain()
    finally:
        store.close()
    return ours._replace(strangers=theirs)


def _fill(store: Any, tenant: str, word: str) -> Population:
    make = Maker(tenant=tenant, project=PROJECT, seed=len(tenant))
    page = Content.of(PAGE.data + word.encode(), PAGE.media)
    root = make.span(
        kind="agent", name=f"answer about {word}", session=f"{word}-1", kept=(Kept(role="page", hash=page.hash),)
    )
    batches = [
        _model_call(make, root, [_SYSTEM, {**_ASKED, "item": word}], streams=True),
        _model_call(make, root, [_SYSTEM, {**_ASKED, "item": word}, _SAID, _AGAIN]),
        _tool_call(make, root, word),
    ]
    told = make.session(
        id=f"{word}-1", name=f"about {word}", labels={"env": word}, status="completed", revision=1, source="sdk"
    )
    fork = make.session(id=f"{word}-2", status="completed", revision=1, origin=Origin(session=told.id, seq=3))
    running = make.session(id=f"{word}-3", status="running", revision=1)
    store.append(batch_of(told, fork, running, root, page))
    state = StateKey(make.tenant, make.project, "default", "planner" if tenant == OURS else "stranger")
    for project in (state.project, ProjectId(word)):
        MemoryWriting(store).upsert(
            CollectionKey(state.tenant, project, "", "notes"), {"plan": Record(text=f"remember the {word}")}
        )
    store.facts.commit(draft_of(state, {"plan": {"about": word}}, author=Author(session=SessionId(f"{word}-1"))))
    for batch in batches:
        store.append(batch)
    store.append(batch_of(make.span(session=f"{word}-2", name=word, status="error", status_message=f"no {word}")))
    first, second, tool = (batch.spans[0].span_id for batch in batches)
    return Population(told.id, fork.id, running.id, root.trace_id, root.span_id, first, second, tool, page.hash)


def _model_call(make: Maker, root: Span, messages: list[Any], *, streams: bool = False) -> Any:
    body = json.dumps({"model": "gpt-5-mini", "messages": messages, **({"stream": True} if streams else {})}).encode()
    head = {"method": "POST", "url": "https://api.openai.com/v1/chat/completions", "headers": []}
    request = Request(seam="http", operation="POST api.openai.com/v1/chat/completions", head=head, body=body)
    return batch_of_crossing(_crossing(make, root, request, _streamed() if streams else _answered()))


def _answered() -> Answer:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Tomorrow."}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 20, "completion_tokens": 4, "total_tokens": 24}
    told = {"id": "chat-2", "object": "chat.completion", "model": "gpt-5-mini", "choices": [choice], "usage": usage}
    return Answer(head={"status": 200}, body=json.dumps(told).encode(), turn=2)


def _streamed() -> Answer:
    pieces = [
        {"id": "chat-1", "model": "gpt-5-mini", "choices": [{"index": 0, "delta": {"content": text}}]}
        for text in ("On its", " way.")
    ]
    chunks = [f"data: {json.dumps(piece)}\n\n".encode() for piece in pieces] + [b"data: [DONE]\n\n"]
    arrived = tuple(Chunk(len(chunk), Nanoseconds(1000), 1) for chunk in chunks)
    return Answer(head={"status": 200}, body=b"".join(chunks), media="text/event-stream", turn=1, chunks=arrived)


def _tool_call(make: Maker, root: Span, word: str) -> Any:
    body = json.dumps({"args": [], "kwargs": {"item": word}}).encode()
    answer = Answer(body=json.dumps({"item": word, "ships": "Friday"}).encode(), turn=3)
    return batch_of_crossing(_crossing(make, root, Request(seam="tool", operation="lookup", body=body), answer))


def _crossing(make: Maker, root: Span, request: Request, answer: Answer) -> Crossing:
    like = make.span(root)
    return Crossing(
        tenant=TenantId(root.tenant),
        project=ProjectId(root.project),
        session=SessionId(root.session),
        trace_id=TraceId(root.trace_id),
        span_id=SpanId(like.span_id),
        parent_id=root.span_id,
        agent="helper",
        iteration=1,
        path="main",
        ordinal=answer.turn,
        site=Site("agent.py", 7, "ask"),
        started=like.start,
        ended=Nanoseconds(like.start + SECOND),
        request=request,
        answer=answer,
    )
