"""Full text: the index says which texts hold all the words, the texts themselves say how well.

The index is read from the newest text back, in windows; within a window the best comes first. So the first
page costs the same in a store of any size.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from agentreplay.contents.text import Question, parse_words, searchable_text, snippet, words_of
from agentreplay.model.ids import ContentHash
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.search import Hit
from agentreplay.store.cursors import check_limit, make_cursor, read_cursor
from agentreplay.store.sqlite.blocks import cut
from agentreplay.store.sqlite.conditions import Conditions, span_conditions
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Reader
from agentreplay.store.sqlite.reading import COLUMNS, WIDTH, to_row
from agentreplay.store.sqlite.rows import ERROR_MEDIA, unpack_body, unpack_held

__all__ = ["full_text", "holds_phrases", "search"]

_SQL = {name: text.replace(":columns", COLUMNS) for name, text in queries("search").items()}
_WINDOW = 200
_NEWEST = (1 << 62,)
_USUAL_LENGTH = 200.0
_TEXTS, _NAMES = 0, 1


class _Text(NamedTuple):
    """A text that holds all the words."""

    number: int
    score: float
    hash: bytes | None
    """None where it is no content: a name, or what a span says of its failure."""
    text: str


def search(reader: Reader, text: str, where: SpanFilter, request: PageRequest) -> Page[Hit]:
    """See Spans.search."""
    limit = check_limit(request)
    question = parse_words(text)
    stage, window, taken = (_TEXTS, *_NEWEST, 0) if request.after is None else read_cursor(request.after, 3)
    conditions: dict[int, Conditions] = {}
    for project in reader.projects(where.tenant, where.project):
        found = span_conditions(reader, where, project)
        if found is not None:
            conditions[project] = found
    hits: list[Hit] = []
    while conditions:
        texts = list(_window(reader, question, stage, window, where.tenant))
        for place, hit in enumerate(_hits(reader, question, conditions, stage, texts, where)):
            if place < taken:
                continue
            if len(hits) == limit:
                return Page(items=tuple(hits), next=make_cursor(stage, window, place))
            hits.append(hit)
        taken = 0
        bottom = _bottom(reader, question, stage, window)
        if bottom is None:
            if stage == _NAMES:
                break
            stage, bottom = _NAMES, *_NEWEST
        window = bottom
    return Page(items=tuple(hits))


def full_text(question: Question) -> str:
    """The question as the index understands it: every word, and beginnings."""
    words: list[str] = []
    for term in question.terms:
        words += [f'"{word}"' for word in term.words[:-1]]
        words.append(f'"{term.words[-1]}"' + ("*" if term.is_prefix else ""))
    return " ".join(words)


def holds_phrases(reader: Reader, question: Question, session: int) -> bool:
    """Whether a session in which all the words stand holds them as the question wants them.

    The index knows words; that they stand one behind the other only the texts know.
    """
    if all(len(term.words) == 1 for term in question.terms):
        return True
    text = full_text(question)
    for row in reader.connection.execute(_SQL["texts_of_session"], (session, text)):
        if question.score(words_of(_text_of(row)), _USUAL_LENGTH):
            return True
    return any(
        question.score(words_of(name), _USUAL_LENGTH)
        for (name,) in reader.connection.execute(_SQL["names_of_session"], (session, text))
    )


def _bottom(reader: Reader, question: Question, stage: int, window: int) -> int | None:
    """The number of the last text of a window, or None when it was the last window."""
    query = _SQL["window_end_texts" if stage == _TEXTS else "window_end_names"]
    bottom: int | None = reader.connection.execute(query, (full_text(question), window, _WINDOW - 1)).get
    return bottom


def _window(reader: Reader, question: Question, stage: int, window: int, tenant: str) -> Iterator[_Text]:
    """The texts of one window that really hold the question, the best first."""
    query = _SQL["texts" if stage == _TEXTS else "names"]
    found: list[_Text] = []
    rows = list(reader.connection.execute(query, (full_text(question), window, _WINDOW)))
    owner = reader.word(tenant)
    for number, *rest in rows:
        if stage == _NAMES:
            text, digest = str(rest[0]), None
        elif rest[0] == owner:
            digest, text = rest[1] if rest[2] != ERROR_MEDIA else None, _text_of(rest[1:])
        else:
            continue
        score = question.score(words_of(text), _USUAL_LENGTH)
        if score:
            found.append(_Text(number, score, digest, text))
    yield from sorted(found, key=lambda one: (-one.score, -one.number))


def _text_of(row: Sequence[Any]) -> str:
    _, media, *place = row
    return searchable_text(media, cut(*place))


def _hits(  # noqa: PLR0913, PLR0917 - where a search stands takes that many
    reader: Reader,
    question: Question,
    conditions: dict[int, Conditions],
    stage: int,
    texts: Sequence[_Text],
    where: SpanFilter,
) -> Iterator[Hit]:
    matches = where.attribute_matches
    for text in texts:
        for project, condition in conditions.items():
            query = _SQL["holders" if stage == _TEXTS else "named"].replace(":conditions", condition.clause)
            bindings = (text.number, project, *condition.values)
            for columns in reader.connection.execute(query, bindings):
                if matches:
                    data, *told = columns[WIDTH : WIDTH + 4]
                    only = {match.key for match in matches}
                    attributes = reader.names.attributes(unpack_body(data), *told, only=only)
                    if not all(match.holds(attributes) for match in matches):
                        continue
                if _found_before(reader, question, stage, text.number, columns):
                    continue
                yield Hit(
                    span=to_row(reader.names, columns),
                    score=text.score,
                    snippet=snippet(text.text, question),
                    content=ContentHash(text.hash.hex()) if text.hash is not None else None,
                )


def _found_before(reader: Reader, question: Question, stage: int, number: int, columns: Sequence[Any]) -> bool:
    """Whether a newer text of the same span answers too: a span is found once, by its newest."""
    others = set(unpack_held(columns[WIDTH + 2]))
    if columns[WIDTH + 3] is not None:
        bindings = (columns[WIDTH + 3], columns[1], columns[2], columns[3])
        others.update(row[0] for row in reader.connection.execute(_SQL["first_seen"], bindings))
    for other in others:
        if stage == _TEXTS and other <= number:
            continue
        row = reader.connection.execute(_SQL["text"], (other,)).fetchone()
        if row is not None and question.score(words_of(_text_of(row)), _USUAL_LENGTH):
            return True
    return False
