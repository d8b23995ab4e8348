"""The terms of a filter as it was typed: words, and conditions like `-tool:grep,"web search"*` with their columns."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast

from agentreplay.errors import FilterInvalid

__all__ = ["Operator", "Piece", "Term", "terms_of"]

Operator = Literal[":", "=", "!=", ">", ">=", "<", "<="]

_SPACE = re.compile(r"\s*")
_HEAD = re.compile(
    r"""(?P<sign>-?)
    (?P<field>(?:attr|score)\.(?:"(?:[^"\\]|\\.)*"|[^\s:=<>!,"]+)|[A-Za-z_][\w.-]*)
    (?P<operator>!=|[<>]=|[:=<>])""",
    re.VERBOSE,
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BARE = re.compile(r'[^\s,"]+')
_WORD = re.compile(r'-?(?:"[^"]*"\*?|[^\s"]+)')
_ESCAPED = re.compile(r"\\(.)")


class Piece(NamedTuple):
    """A value of a condition."""

    text: str
    column: int
    is_prefix: bool = False
    """Whether a star stands behind it: it is only a beginning."""


class Term(NamedTuple):
    """A condition, or words to search for."""

    text: str
    """As it was typed."""
    column: int
    """Where it begins; the first column is 1."""
    negated: bool = False
    field: str = ""
    """Empty for words."""
    operator: Operator = ":"
    values: tuple[Piece, ...] = ()


def terms_of(text: str) -> Iterator[Term]:
    """The terms in order. Raises FilterInvalid where there is none."""
    place = _skipped(text, 0)
    while place < len(text):
        head = _HEAD.match(text, place)
        if head is None:
            term, place = _words(text, place)
        else:
            term, place = _condition(text, head)
        yield term
        place = _skipped(text, place)


def _skipped(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return place if found is None else found.end()


def _words(text: str, place: int) -> tuple[Term, int]:
    found = _WORD.match(text, place)
    if found is None or found[0] == "-":
        _refuse_quote(text, place)
        raise FilterInvalid(column=place + 1, problem="there is nothing behind the minus", advice="as in -kind:llm")
    if found[0].startswith("-"):
        raise FilterInvalid(
            column=place + 1,
            problem="words cannot be left out, only what fields hold",
            advice=f'-kind:llm leaves out; to search for the minus too, put it in quotes: "{found[0]}"',
        )
    return Term(found[0], place + 1), found.end()


def _refuse_quote(text: str, place: int) -> None:
    if text[place : place + 1] == '"' or text[place : place + 2] == '-"':
        column = text.index('"', place) + 1
        raise FilterInvalid(column=column, problem="the quotes that begin here do not end", advice='close them with "')


def _condition(text: str, head: re.Match[str]) -> tuple[Term, int]:
    values: list[Piece] = []
    place = head.end()
    while True:
        piece, place = _piece(text, place, head)
        values.append(piece)
        if text[place : place + 1] != ",":
            break
        place += 1
    if text[place : place + 1].strip():
        raise FilterInvalid(
            column=place + 1, problem="a space has to stand here", advice="or all of the value in quotes"
        )
    term = Term(
        text[head.start() : place],
        head.start() + 1,
        bool(head["sign"]),
        _unquoted(head["field"]),
        cast("Operator", head["operator"]),
        tuple(values),
    )
    return term, place


def _piece(text: str, place: int, head: re.Match[str]) -> tuple[Piece, int]:
    quoted = _QUOTED.match(text, place)
    if quoted is not None:
        has_star = text[quoted.end() : quoted.end() + 1] == "*"
        return Piece(_ESCAPED.sub(r"\1", quoted[1]), place + 1, has_star), quoted.end() + has_star
    bare = _BARE.match(text, place)
    if bare is None:
        _refuse_quote(text, place)
        raise FilterInvalid(
            column=place + 1,
            problem=f"a value is missing behind {head[0]}",
            advice=f'as in {head[0]}VALUE, or {head[0]}"A VALUE WITH SPACES"',
        )
    value = bare[0].removesuffix("*")
    return Piece(value, place + 1, value != bare[0]), bare.end()


def _unquoted(field: str) -> str:
    name, dot, key = field.partition(".")
    return name + dot + _ESCAPED.sub(r"\1", key[1:-1]) if key.startswith('"') else field
