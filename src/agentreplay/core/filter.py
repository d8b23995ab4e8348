"""The filter language: what a person types becomes a filter of the store and words to search for.

docs/filters.md explains it. One language for every face: the API, the command line, the web UI.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import msgspec

from agentreplay.core.filter_fields import FIELDS, Field, Subject, fields_of
from agentreplay.core.filter_terms import Piece, Term, terms_of
from agentreplay.core.inputs import parse_count, parse_duration, parse_moment, parse_money
from agentreplay.errors import FilterInvalid, ValueInvalid
from agentreplay.model.ids import SessionId, check_name, check_trace_id
from agentreplay.model.query import (
    AttributeMatch,
    Bounds,
    Comparison,
    Match,
    ScoreMatch,
    SessionFilter,
    SpanField,
    SpanFilter,
)
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.model.values import Value

__all__ = ["Wanted", "session_filter", "span_filter"]


class Wanted(NamedTuple):
    """What is wanted of spans."""

    where: SpanFilter
    words: str
    """To search for; empty when there are none."""


def span_filter(text: str, within: SpanFilter, now: Clock) -> Wanted:
    """The filter of what a person typed, narrowed further. Raises FilterInvalid."""
    draft = _Draft("spans", now)
    draft.read(text)
    return Wanted(msgspec.structs.replace(within, **draft.fields()), " ".join(draft.words))


def session_filter(text: str, within: SessionFilter, now: Clock) -> SessionFilter:
    """The filter of what a person typed, narrowed further; words have to stand in the session. Raises FilterInvalid."""
    draft = _Draft("sessions", now)
    draft.read(text)
    fields = draft.fields()
    if draft.words:
        fields["text"] = " ".join([*([] if within.text is None else [within.text]), *draft.words])
    return msgspec.structs.replace(within, **fields)


class _Draft:
    """A filter being read, term by term."""

    def __init__(self, subject: Subject, now: Clock) -> None:
        self._known = {field.name: field for field in fields_of(subject)}
        self._subject: Subject = subject
        self._now = now
        self._once: dict[str, Any] = {}
        self._bounds: dict[str, Bounds] = {}
        self._matches: list[Match] = []
        self._attributes: list[AttributeMatch] = []
        self._scores: list[ScoreMatch] = []
        self.words: list[str] = []

    def read(self, text: str) -> None:
        for term in terms_of(text):
            if term.field:
                self._add(term)
            else:
                self.words.append(term.text)

    def fields(self) -> dict[str, Any]:
        """What the terms say of the fields of a filter."""
        fields: dict[str, Any] = {**self._once, **self._bounds}
        if self._matches:
            fields["matches"] = tuple(self._matches)
        if self._attributes:
            fields["attributes"] = tuple(self._attributes)
        if self._scores:
            fields["scores"] = tuple(self._scores)
        return fields

    def _add(self, term: Term) -> None:
        name, _, key = term.field.partition(".")
        field = self._known.get(name)
        if field is None or bool(key) != (field.kind in _KEYED):
            raise self._unknown(term)
        if term.operator not in field.operators:
            raise _refused(
                term,
                f"{field.name} cannot be compared by {term.operator}",
                f"as in {field.example}; what may stand there: {' '.join(field.operators)}",
            )
        match field.kind:
            case "words" | "choice":
                self._matches.append(_match(term, field))
            case "label":
                self._matches.append(_label_match(term))
            case "attribute":
                self._attributes.append(_attribute_match(term, key))
            case "score":
                self._scores.append(_score_match(term, key))
            case "money" | "count" | "duration":
                self._bound(field, term)
            case "time" | "id" | "beginning":
                self._set(field, term)

    def _bound(self, field: Field, term: Term) -> None:
        number = _parsed(_PARSERS[field.kind], _only(term, field))
        bounds = _BOUNDS[term.operator](number)
        known = self._bounds.get(field.name, Bounds())
        self._bounds[field.name] = Bounds(
            least=_stricter(max, known.least, bounds.least), most=_stricter(min, known.most, bounds.most)
        )

    def _set(self, field: Field, term: Term) -> None:
        piece = _only(term, field)
        name = "prefix" if field.kind == "beginning" else _NAMES.get(field.name, field.name)
        if name in self._once:
            raise _refused(term, f"{field.name} is given twice", "leave one of them out")
        self._once[name] = _parsed(lambda text: self._once_value(field, text), piece)

    def _once_value(self, field: Field, text: str) -> Value:
        if field.kind == "time":
            return Nanoseconds(parse_moment(text, self._now))
        if field.name == "trace":
            return check_trace_id(text)
        check_name(text, "a session id")
        return text if field.kind == "beginning" else SessionId(text)

    def _unknown(self, term: Term) -> FilterInvalid:
        near = difflib.get_close_matches(term.field, self._known, 1)
        elsewhere = any(field.name == term.field for field in FIELDS)
        if term.field == "score":
            guess = "a score has a name, as in score.helpful>0.5;"
        elif "attr" in self._known and ("." in term.field or term.field == "attr"):
            guess = f"did you mean attr.{'NAME' if term.field == 'attr' else term.field}?"
        elif near:
            guess = f"did you mean {near[0]}?"
        elif elsewhere:
            guess = f"{_OTHERS[self._subject]} have it;"
        else:
            guess = f"there are {', '.join(self._known)};"
        advice = f'{guess} to search for it as it stands, put it in quotes: "{term.text}"'
        return _refused(term, f"{self._subject} have no field {term.field!r}", advice)


def _match(term: Term, field: Field) -> Match:
    if field.kind == "choice":
        for piece in term.values:
            if not any(_fits(value, piece) for value in field.values):
                near = difflib.get_close_matches(piece.text, field.values, 1)
                advice = f"did you mean {near[0]}?" if near else f"give one of: {', '.join(field.values)}"
                raise FilterInvalid(column=piece.column, problem=f"{piece.text!r} is no {field.name}", advice=advice)
    words, beginnings = _split(term.values)
    return Match(field=cast("SpanField", field.name), words=words, beginnings=beginnings, negated=_is_negated(term))


def _fits(value: str, piece: Piece) -> bool:
    return value.startswith(piece.text) if piece.is_prefix else value == piece.text


def _label_match(term: Term) -> Match:
    first, *others = term.values
    label, equals, value = first.text.partition("=")
    if not label or (others and not equals):
        raise _refused(term, "a label has a name and a value", "as in label:env=prod or label:env=prod,staging")
    if not equals:
        # The label alone: that it is there, whatever its value.
        if first.is_prefix:
            raise _refused(term, "the name of a label is given whole", "as in label:env or label:env=prod*")
        return Match(field="label", label=label, beginnings=("",), negated=_is_negated(term))
    words, beginnings = _split((first._replace(text=value), *others))
    return Match(field="label", label=label, words=words, beginnings=beginnings, negated=_is_negated(term))


def _attribute_match(term: Term, key: str) -> AttributeMatch:
    is_any = term.values == (Piece("", term.values[0].column, is_prefix=True),)
    if not is_any and any(piece.is_prefix for piece in term.values):
        raise _refused(
            term, "of an attribute no beginning can be asked for", f"give the whole value, or attr.{key}:* for any"
        )
    values = [] if is_any else [value for piece in term.values for value in _readings(piece.text)]
    return AttributeMatch(key=key, values=tuple(values), negated=_is_negated(term))


def _score_match(term: Term, name: str) -> ScoreMatch:
    piece, *others = term.values
    if piece == Piece("", piece.column, is_prefix=True) and term.operator in {":", "="} and not others:
        return ScoreMatch(name=name, negated=term.negated)
    if others or piece.is_prefix:
        advice = f"as in score.{name}>0.5, or score.{name}:* for any"
        raise _refused(term, "a score is compared with one number", advice)
    comparison = cast("Comparison", "=" if term.operator == ":" else term.operator)
    return ScoreMatch(name=name, comparison=comparison, value=_parsed(_number, piece), negated=term.negated)


def _number(text: str) -> float:
    number = float(text) if _NUMBER.fullmatch(text) else None
    if number is None:
        raise ValueError(f"{text!r} is no number; give one such as 0.5")
    return number


def _readings(text: str) -> list[Value]:
    """The values a text can stand for: text itself, and the number or the truth value it spells."""
    readings: list[Value] = [text]
    for parse in (int, float):
        try:
            readings.append(parse(text))
        except ValueError:
            continue
    return [*readings, *({"true": [True], "false": [False]}.get(text.lower(), []))]


def _split(values: tuple[Piece, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = tuple(piece.text for piece in values if not piece.is_prefix)
    return words, tuple(piece.text for piece in values if piece.is_prefix)


def _is_negated(term: Term) -> bool:
    return term.negated is not (term.operator == "!=")


def _only(term: Term, field: Field) -> Piece:
    """The one value of a term that can have no other, and no minus."""
    if term.negated:
        raise _refused(term, f"{field.name} takes no minus", "turn the comparison round, as in cost<=1")
    piece, *others = term.values
    if others or (piece.is_prefix and field.kind != "beginning"):
        raise _refused(term, f"{field.name} takes one value, and all of it", f"as in {field.example}")
    return piece


def _parsed(parse: Callable[[str], Value], piece: Piece) -> Value:
    try:
        return parse(piece.text)
    except ValueError as error:
        problem, _, advice = str(error).partition("; ")
        raise FilterInvalid(column=piece.column, problem=problem, advice=advice) from error
    except ValueInvalid as error:
        raise FilterInvalid(column=piece.column, problem=error.message, advice="give the whole id") from error


def _refused(term: Term, problem: str, advice: str) -> FilterInvalid:
    return FilterInvalid(column=term.column, problem=problem, advice=advice)


def _stricter(choose: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else choose(one, other)


_OTHERS: Mapping[Subject, Subject] = {"spans": "sessions", "sessions": "spans"}
_NAMES = {"trace": "trace_id"}
_KEYED = ("attribute", "score")
"""The kinds of field of which there are many, each by its name."""
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d+)?")
_PARSERS: Mapping[str, Callable[[str], int]] = {"money": parse_money, "count": parse_count, "duration": parse_duration}
_BOUNDS: Mapping[str, Callable[[int], Bounds]] = {
    ">": lambda number: Bounds(least=number + 1),
    ">=": lambda number: Bounds(least=number),
    "<": lambda number: Bounds(most=number - 1),
    "<=": lambda number: Bounds(most=number),
    "=": lambda number: Bounds(least=number, most=number),
    ":": lambda number: Bounds(least=number, most=number),
}
