"""Full text: what was found, session by session, and the words in it that were asked for."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agentreplay.core.filter import Wanted
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.search import Hit
from agentreplay.model.session import SessionKey
from agentreplay.store.protocol import Spans

__all__ = ["Passage", "by_session", "find", "passages"]

_BEGIN, _END = "\x02", "\x03"


class Passage(NamedTuple):
    """A part of a snippet, and whether it is a word that was asked for."""

    text: str
    matches: bool


def passages(snippet: str) -> Iterator[Passage]:
    """The parts of a snippet in order; put together they are its text without the marks."""
    for number, part in enumerate(snippet.split(_BEGIN)):
        word, mark, rest = part.partition(_END)
        if number and mark:
            yield Passage(word, matches=True)
            part = rest  # noqa: PLW2901  # what is left of it is treated as the parts without a mark are
        if part:
            yield Passage(part, matches=False)


def find(spans: Spans, wanted: Wanted, request: PageRequest) -> Page[Hit]:
    """The spans that are wanted; without words to search for the newest first, and without passages."""
    if wanted.words:
        return spans.search(wanted.words, wanted.where, request)
    page = spans.find(wanted.where, request)
    return Page(items=tuple(Hit(span=span, score=0.0, snippet="") for span in page.items), next=page.next)


def by_session(hits: Iterable[Hit]) -> dict[SessionKey, list[Hit]]:
    """The hits of each session; the session with the best hit comes first, and so does its best hit."""
    found: dict[SessionKey, list[Hit]] = {}
    for hit in hits:
        span = hit.span
        found.setdefault(SessionKey(span.tenant, span.project, span.session), []).append(hit)
    return found
