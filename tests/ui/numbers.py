"""Numbers: those that a page shows, and the forms in which those that it was told may be shown."""

import json
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

from tests.ui.tab import ROOT

__all__ = ["Told", "numbers_in"]

_FORMAT = ROOT / "ui" / "src" / "design" / "format.ts"
_FORMS = Path(__file__).with_name("forms.mjs")

# What a number measures is told by the name of its field: a count is never shown as a time, nor a time as money.
_DURATION = re.compile(r"duration|p50|p90|p95|p99|longest|time_to_first_chunk")
_MONEY = re.compile(r"cost|rate|reported")
_SIZE = re.compile(r"bytes")
_MOMENT = re.compile(r"start|end|started|ended|newest|oldest|bucket|at|since|until")
_ERA = 10**18
"""Nanoseconds after the epoch, in 2001: what is less is a stretch of time."""
_WHOLE = re.compile(r"-?\d{1,19}")

_NUMBER = re.compile(
    r"\d+ (?:s|min) ago|(?:today|yesterday) \d\d:\d\d|\d{1,2} [A-Z][a-z]{2} \d{4}"
    r"|\d+ h \d\d m|\d+ m \d\d s|\d+:\d\d(?::\d\d)?(?:\.\d+)?"
    r"|(?<![\w.])\$?\d[\d,]*(?:\.\d+)?[kMG]?(?: (?:ns|µs|ms|s|%|B|KiB|MiB|GiB))?(?![\w])"
)


@dataclass
class Told:
    """All that the API answered."""

    since: float
    """When the page began to ask, in seconds after the epoch."""
    texts: set[str] = field(default_factory=set)
    counts: set[float] = field(default_factory=set)
    durations: set[str] = field(default_factory=set)
    offsets: set[int] = field(default_factory=set)
    """Moments of a session, in nanoseconds after its beginning."""
    moments: set[str] = field(default_factory=set)
    moneys: set[int] = field(default_factory=set)
    sizes: set[int] = field(default_factory=set)
    shares: set[tuple[float, float]] = field(default_factory=set)

    def add(self, value: Any, name: str = "") -> None:
        """Take in an answer; a number that lies in a list is called as the list is."""
        match value:
            case bool() | None:
                pass
            case int() | float():
                self._number(value, name)
            case str():
                self.texts.add(value)
                if _WHOLE.fullmatch(value):
                    self._number(int(value), name)
            case list():
                # How many there are is told by them.
                self.counts.add(len(value))
                for one in value:
                    self.add(one, name)
            case dict():
                self.texts.update(value)
                self.texts.update(f"{key}={one}" for key, one in value.items() if isinstance(one, str))  # a label
                self._beside(value)
                for key, one in value.items():
                    self.add(one, key if not name.endswith("_bytes") else name)
            case _:
                raise AssertionError(value)

    def forms(self) -> set[str]:
        """How the UI writes what it was told, at any time between then and now."""
        given = {
            "counts": sorted(self.counts),
            "durations": sorted(self.durations),
            "offsets": sorted(self.offsets),
            "moments": sorted(self.moments),
            "moneys": sorted(self.moneys),
            "sizes": sorted(self.sizes),
            "shares": sorted(self.shares),
            "from": int(self.since * 1000),
            "until": int(time.time() * 1000),
        }
        told = subprocess.run(
            ["node", _FORMS, _FORMAT], input=json.dumps(given).encode(), capture_output=True, check=True, timeout=60
        )
        return set(json.loads(told.stdout))

    def is_text(self, text: str) -> bool:
        """Whether each of its lines is something that the API says, or a part of it."""
        lines = [line.strip().strip('"…') for line in text.splitlines()]
        return all(any(line in one for one in self.texts) for line in lines)

    def _number(self, value: float, name: str) -> None:
        self.counts.add(value)
        if _DURATION.search(name):
            nanoseconds = value * 1e9 if name.endswith("time_to_first_chunk") else value
            self.durations.add(str(round(nanoseconds)))
        if _MONEY.search(name):
            self.moneys.add(int(value))
        if _SIZE.search(name):
            self.sizes.add(int(value))
        if _MOMENT.fullmatch(name):
            if value > _ERA:
                self.moments.add(str(int(value)))
            else:
                self.offsets.add(int(value))

    def _beside(self, fields: Mapping[str, Any]) -> None:
        """What one of the numbers in an object is of another, or of all of them together."""
        numbers = [one for one in fields.values() if isinstance(one, int | float) and not isinstance(one, bool)]
        whole = sum(numbers)
        self.shares.update(permutations(numbers, 2))
        self.shares.update((one, whole) for one in numbers)


def numbers_in(text: str) -> Iterator[str]:
    """The numbers with their units."""
    return (found.group() for found in _NUMBER.finditer(text))
