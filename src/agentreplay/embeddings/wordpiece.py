"""Cuts a text into the pieces of words that BERT models know: lower case, without accents."""

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from agentreplay.errors import ModelDamaged

__all__ = ["WordPieces"]

_LONGEST_WORD = 100
_CONTINUED = "##"
_REMEMBERED = 65_536
# Scripts that are written without spaces: each of their characters is a word.
_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)

_SYMBOLS = "$+<=>^`|~"
"""What Unicode does not call punctuation, though all the rest of ASCII's that is no letter or digit is."""


class WordPieces:
    """A vocabulary, and the cutting by it. What looks like a special token in a text is text as any other."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown, self._begin, self._end = (self._ids[name] for name in ("[UNK]", "[CLS]", "[SEP]"))
        self._cut_once = lru_cache(_REMEMBERED)(self._cut)

    @classmethod
    def read(cls, path: Path) -> "WordPieces":
        """The vocabulary of a file with one piece a line."""
        try:
            return cls(path.read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError, KeyError) as error:
            raise ModelDamaged(place=str(path.parent), problem=f"{path.name} holds no vocabulary") from error

    def ids(self, text: str, most: int) -> list[int]:
        """The numbers of the pieces, between the two that mark begin and end: never more than `most`."""
        found = [self._begin]
        for word in filter(None, _words(text)):
            found.extend(self._cut_once(word))
            if len(found) >= most:
                break
        return [*found[: most - 1], self._end]

    def _cut(self, word: str) -> tuple[int, ...]:
        """The longest piece that is known, again and again; a word with a rest that is not is unknown as a whole."""
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        pieces: list[int] = []
        begin = 0
        while begin < len(word):
            prefix = _CONTINUED if begin else ""
            for end in range(len(word), begin, -1):
                number = self._ids.get(prefix + word[begin:end])
                if number is not None:
                    pieces.append(number)
                    begin = end
                    break
            else:
                return (self._unknown,)
        return tuple(pieces)


def _words(text: str) -> list[str]:
    clean = text.translate(_CLEAN)
    # Accents come apart from their letters; in ASCII there are none.
    parted = clean if clean.isascii() else unicodedata.normalize("NFD", clean)
    return parted.translate(_SPACED).split(" ")


class _Table(dict[int, str]):
    """What becomes of each character, found out when it is first met."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, number: int) -> str:
        found = self[number] = self._becomes(chr(number))
        return found


def _clean(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\r" or category.startswith("Z"):
        return " "
    # What is not assigned here may be so elsewhere; it is kept, and unknown.
    if character == "\ufffd" or (category.startswith("C") and category != "Cn"):
        return ""
    number = ord(character)
    return f" {character} " if any(first <= number <= last for first, last in _IDEOGRAPHS) else character


def _spaced(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Mn":
        return ""
    if category.startswith("P") or character in _SYMBOLS:
        return f" {character} "
    return character.lower()


_CLEAN, _SPACED = _Table(_clean), _Table(_spaced)
