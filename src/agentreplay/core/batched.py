"""What models answered in a batch, as spans: each answer one, with its tokens and what it cost at the price of batches.

The answers come in one body, which a program reads as often as it likes; each is told once. It is no call, for the
call is the one that brought the body, and this is what is served in a replay.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from blake3 import blake3

from agentreplay.core.understanding import called, understood
from agentreplay.intake.prices import BATCH
from agentreplay.intake.providers import batches
from agentreplay.model.batch import Batch
from agentreplay.model.call import Answer, Crossing
from agentreplay.model.content import JSON, Content, Kept
from agentreplay.model.ids import SpanId
from agentreplay.model.span import PROVISIONAL, Span
from agentreplay.model.values import Value

__all__ = ["KEY", "NAME", "batch_of_results"]

NAME, KEY = "agentreplay.batch.name", "agentreplay.batch.key"
"""The attributes that say which batch an answer is of, and what it is called in it."""


def batch_of_results(crossing: Crossing, answer: Answer, folder: Path | None) -> Batch:
    """The spans of the answers that a call brought, with their contents; empty where it brought none."""
    url = str(crossing.request.head.get("url", ""))
    told = [_told(crossing, url, result, folder) for result in batches.read(url, answer.pieces)]
    return Batch(spans=tuple(span for span, _ in told), contents=tuple(content for _, content in told))


def _told(crossing: Crossing, url: str, result: batches.Result, folder: Path | None) -> tuple[Span, Content]:
    asked, ended = result.asked, crossing.ended or crossing.started
    answer = Answer(head={"status": result.status}, body=result.body)
    attributes, fields = understood(asked, answer, crossing.started, crossing.project, folder, tier=BATCH)
    told: dict[str, Any] = {"kind": asked.kind, "name": called(asked), "status": "ok", **fields}
    content = Content.of(result.body, JSON)
    own: dict[str, Value] = {
        NAME: result.batch,
        KEY: result.key,
        # Who reads the body again tells the same answer, at another time and below another call: the first one counts.
        PROVISIONAL: True,
    }
    name = _name(crossing, url, result)
    span = Span(
        tenant=crossing.tenant,
        project=crossing.project,
        session=crossing.session,
        trace_id=crossing.trace_id,
        span_id=name,
        parent_id=crossing.span_id,
        start=ended,
        end=ended,
        agent=crossing.agent,
        iteration=crossing.iteration,
        provider=asked.provider,
        attributes={**attributes, **own},
        kept=(Kept(role="answer", hash=content.hash),),
        **told,
    )
    return span, content


def _name(crossing: Crossing, url: str, result: batches.Result) -> SpanId:
    """The id of an answer's span: the same however often the answer is read in a session."""
    parts: Iterator[str] = iter((crossing.session, urlsplit(url).netloc, result.batch, result.key))
    return SpanId(blake3("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest(8))
