"""What other agents find sessions and spans to be worth. Every score is a span of the kind `evaluation`."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from agentreplay.core import scores
from agentreplay.errors import ValueInvalid
from agentreplay.model.score import LONGEST_COMMENT, GivenScore, Score
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.server.mcp.arguments import Project
from agentreplay.server.mcp.brief import without_nothing
from agentreplay.server.mcp.fitting import Listing
from agentreplay.server.mcp.reach import Reach

__all__ = ["add_score", "scores_of"]

_MOST = 20


def add_score(  # noqa: PLR0913, PLR0917  # each argument comes by its name
    reach: Reach,
    name: Annotated[str, Meta(min_length=1, description="What is scored, as `helpful` or `correct`.")],
    value: Annotated[float, Meta(description="A number: a share from 0 to 1, a grade, 1 for yes and 0 for no.")],
    session: Annotated[str | None, Meta(description="The session: its id, or the beginning of it, or `last`.")] = None,
    span: Annotated[str | None, Meta(description="Or one span of it, as lists name them: TRACE_ID/SPAN_ID.")] = None,
    comment: Annotated[str, Meta(max_length=LONGEST_COMMENT, description="Why, in a sentence.")] = "",
    author: Annotated[str, Meta(description="Who says so. Each has a score of its own under a name.")] = "",
    project: Project = None,
) -> Listing:
    """Score a session or a span. Given again, it takes the place of what the same author said under this name.

    search_sessions finds by scores: `score.helpful>0.5`.
    """
    if (session is None) is (span is None):
        raise ValueInvalid(what="what is to be scored", problem="give either `session` or `span`")
    what = reach.session_key(session, project) if session is not None else reach.span(span or "", project)
    given = reach.score(what, Score(name=name, value=value, author=author, comment=comment))
    return Listing({**_told(given), "version": given.version})


def scores_of(reach: Reach, what: SessionKey | SpanKey) -> Sequence[dict[str, Any]]:
    """The first of them, in few words."""
    return [_told(given) for given in scores.of(reach.store, what)[:_MOST]]


def _told(given: GivenScore) -> dict[str, Any]:
    score = given.score
    return without_nothing({
        "name": given.name,
        "value": None if score is None else score.value,
        "author": given.author,
        "comment": "" if score is None else score.comment,
        "span": None if given.trace_id is None else f"{given.trace_id}/{given.span_id}",
    })  # fmt: skip
