"""The text of a content, its words, and passages of it.

A word is a run of letters and digits, without case and accents; in scripts that do not put spaces between
words every character is one. Index, question and passage agree because all three ask this module.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import msgspec

from agentreplay.contents.stems import stem
from agentreplay.errors import QueryInvalid
from agentreplay.model.content import JSON

__all__ = [
    "Question",
    "Term",
    "indexed_text",
    "json_text",
    "parse_words",
    "searchable_text",
    "snippet",
    "words_of",
]

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_ACCENTS = "\u0300-\u036f"
_WORD = re.compile(rf"[{_UNSPACED}]|(?:[^\W_{_UNSPACED}]|[{_ACCENTS}])+")
_ALONE = re.compile(f"[{_UNSPACED}]")
_ACCENT = re.compile(f"[{_ACCENTS}]")
_FOLDED_WORD = re.compile(r"[0-9a-z]+")
_SHORTEST_ENCODED = 256
_ENCODED = re.compile(r"[0-9A-Za-z+/=_-]+")
_SHORTEST_JSON = 3
_UNSPELLED = "\u2000-\u2fff"
"""Quotes, dashes, arrows and frames: most of what is foreign in a text. They need no spelling."""
_FOLDED = bytes([0x20, *bytes(range(1, 0x80)).lower(), *[0x20] * 0x40, *[0] * 0x22, 0x20, *[0] * 0x1D])
"""What becomes of the bytes of UTF-8; 0 for those with which a letter begins that needs spelling.

A letter of _UNSPELLED begins with 0xE2.
"""
# One and then any number: a pattern that begins with a repetition is looked for at every place, at thrice the cost.
_FOREIGN = re.compile(rf"[^\x00-\x7f{_UNSPELLED}][^\x00-\x7f{_UNSPELLED}]*")
_QUESTION = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')
_Json: TypeAlias = "bool | int | float | str | list[_Json] | dict[str, _Json] | None"
_SNIPPET = 160
_BEFORE = 50


@dataclass(frozen=True)
class Term:
    """Words that must stand one behind the other; the last one may be only a beginning."""

    words: tuple[str, ...]
    is_prefix: bool = False
    is_stem: bool = False
    """It is looked for among the stems of the words of a text, not among these."""

    def count(self, words: Sequence[str]) -> int:
        """How often the term stands in the words of a text."""
        if len(self.words) == 1 and not self.is_prefix:
            return words.count(self.words[0])
        return sum(1 for _ in self.places(words))

    def places(self, words: Sequence[str]) -> Iterator[int]:
        """Where the term begins in the words of a text."""
        first, size = self.words[0], len(self.words)
        for place, word in enumerate(words):
            if size == 1:
                if word == first or (self.is_prefix and word.startswith(first)):
                    yield place
            elif word == first and self._matches(words[place : place + size]):
                yield place

    def _matches(self, words: Sequence[str]) -> bool:
        if len(words) < len(self.words) or tuple(words[:-1]) != self.words[:-1]:
            return False
        return words[-1].startswith(self.words[-1]) if self.is_prefix else words[-1] == self.words[-1]


@dataclass(frozen=True)
class Question:
    """Terms that must all stand in one text."""

    terms: tuple[Term, ...]

    def score(self, words: Sequence[str], usual_length: float) -> float:
        """How well a text answers: 0 when a term is missing, else more for more and for denser mentions."""
        score = 0.0
        damping = 1.2 * (0.25 + 0.75 * len(words) / max(usual_length, 1.0))
        for term in self.terms:
            count = term.count(words)
            if not count:
                return 0.0
            score += len(term.words) * count / (count + damping)
        return score


def parse_words(text: str) -> Question:
    """Read what a person typed: words, "phrases in quotes" and beginnings*."""
    terms: list[Term] = []
    for phrase, phrase_star, word in _QUESTION.findall(text):
        plain = word.removesuffix("*")
        words = tuple(words_of(phrase or plain))
        if words:
            terms.append(Term(words, is_prefix=bool(phrase_star) or plain != word))
    if not terms:
        raise QueryInvalid(problem=f"there is no word to search for in {text[:60]!r}")
    return Question(tuple(terms))


def words_of(text: str) -> list[str]:
    """The words of a text, in order."""
    return _FOLDED_WORD.findall(indexed_text(text))


def indexed_text(text: str) -> str:
    """The text as the full-text index takes it: the words of `words_of`, with plain separators between them.

    It is all ASCII, so that the index needs to know nothing of Unicode: an accent is dropped, and another
    letter that has no ASCII form is spelled as its number.
    """
    if text.isascii():
        return text.lower()
    folded = text.encode("utf-8", "surrogatepass").translate(_FOLDED)
    if 0 in folded:
        folded = _FOREIGN.sub(_spell, text).encode("ascii", "replace").translate(_FOLDED)
    return folded.decode("ascii")


def searchable_text(media: str, data: bytes) -> str:
    """What a person would search for: the values in JSON, the text itself, nothing of binary contents."""
    if media == JSON:
        return json_text(data)
    if media.startswith("text/"):
        return data.decode("utf-8", "replace")
    return ""


def json_text(data: bytes) -> str:
    """The values in a JSON document, one per line; the document itself where it cannot be read."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return data.decode("utf-8", "replace")
    if isinstance(value, str):
        return value
    parts: list[str] = []
    _collect(value, parts)
    return "\n".join(parts)


def snippet(text: str, question: Question) -> str:
    r"""The passage with the most different terms, the words between \x02 and \x03."""
    found = [
        (match.start(), match.end(), folded)
        for match in _WORD.finditer(text)
        if (folded := indexed_text(match[0]).strip())
    ]
    words = [word for _, _, word in found]
    stems = [stem(word) for word in words] if any(term.is_stem for term in question.terms) else []
    marks: dict[int, int] = {}
    for number, term in enumerate(question.terms):
        for place in term.places(stems if term.is_stem else words):
            for offset in range(len(term.words)):
                marks.setdefault(place + offset, number)
    if not marks:
        return text[:_SNIPPET].strip()
    begin = max(0, found[_densest(marks, found)][0] - _BEFORE)
    end = min(len(text), begin + _SNIPPET)
    out: list[str] = []
    at = begin
    for place in sorted(marks):
        first, last, _ = found[place]
        if first >= at and last <= end:
            out += [text[at:first], "\x02", text[first:last], "\x03"]
            at = last
    return ("…" if begin else "") + "".join([*out, text[at:end]]).strip() + ("…" if end < len(text) else "")


def _densest(marks: dict[int, int], found: Sequence[tuple[int, int, str]]) -> int:
    """The marked word from which on the most different terms follow within one passage."""
    places = sorted(marks)
    best, best_count = places[0], 0
    for number, place in enumerate(places[:200]):
        seen = {
            marks[other]
            for other in places[number : number + 40]
            if found[other][1] - found[place][0] <= _SNIPPET - _BEFORE
        }
        if len(seen) > best_count:
            best, best_count = place, len(seen)
    return best


def _collect(value: _Json, parts: list[str]) -> None:
    """Add all values, in their order; without recursion, since a document may be nested as deep as it likes."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        # Decoders make nothing of a subclass, and `is` is quicker than isinstance.
        if type(item) is str:
            if not item:
                continue
            if item[0] in "{[" and len(item) >= _SHORTEST_JSON:
                parts.append(json_text(item.encode("utf-8", "surrogatepass")))
            elif len(item) < _SHORTEST_ENCODED or " " in item or not _ENCODED.fullmatch(item):
                parts.append(item)
        elif type(item) is dict:
            waiting.extend(reversed(item.values()))
        elif type(item) is list:
            waiting.extend(reversed(item))
        elif item is not None and type(item) is not bool:
            parts.append(str(item))


def _spell(run: re.Match[str]) -> str:
    return _spell_run(run[0])


@lru_cache(maxsize=65_536)
def _spell_run(run: str) -> str:
    return "".join(map(_spell_letter, run))


def _spell_letter(letter: str) -> str:
    if _ACCENT.match(letter):
        return ""
    if not letter.isalnum():
        return " "
    bare = [mark for mark in unicodedata.normalize("NFD", letter.casefold()) if not unicodedata.combining(mark)]
    spelled = "".join(mark if mark.isascii() else f"{ord(mark):05x}" for mark in bare if mark.isalnum())
    return f" {spelled} " if _ALONE.match(letter) else spelled
