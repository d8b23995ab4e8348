"""What redactors found clean, so that they need not look at it again."""

from typing import NamedTuple

from agentreplay.model.values import Value

__all__ = ["CleanNames", "Known"]

_MOST_TEXTS = 4_096
_MOST_VALUES = 50_000
_MOST_NAMES = 500


class CleanNames(NamedTuple):
    """Of some names of attributes those that are clean, and make no number, or no text, a secret."""

    of_numbers: frozenset[str]
    of_texts: frozenset[str]


class Known:
    """What was found clean so far: names, headers and short values, which come again and again.

    It depends on the policy and the rules alone and on no salt, so redactors of one kind may share it: a program with
    a session for each request does not look at the same headers in each. Safe to share between threads; when there is
    too much of it, all is forgotten.
    """

    __slots__ = ("names", "texts", "values")

    def __init__(self) -> None:
        self.texts: set[str | tuple[str, str]] = set()
        """Short texts in which nothing is secret, whatever they are the value of; and headers, with their names."""
        self.values: set[tuple[str, Value]] = set()
        """Attributes of spans, with their names."""
        self.names: dict[tuple[str, ...], CleanNames] = {}
        """By the names of attributes that come together."""

    def add_text(self, text: str | tuple[str, str]) -> None:
        """A text, or a header with its name, is clean."""
        if len(self.texts) >= _MOST_TEXTS:
            self.texts.clear()
        self.texts.add(text)

    def add_value(self, name: str, value: Value) -> None:
        """An attribute is clean."""
        if len(self.values) >= _MOST_VALUES:
            self.values.clear()
        self.values.add((name, value))

    def add_names(self, names: tuple[str, ...], clean: CleanNames) -> CleanNames:
        """Of these names, those are clean."""
        if len(self.names) >= _MOST_NAMES:
            self.names.clear()
        self.names[names] = clean
        return clean
