"""What people type for times, durations, money, counts and labels.

Each that parses raises ValueError with a sentence that says what to type.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

__all__ = ["parse_count", "parse_duration", "parse_label", "parse_moment", "parse_money", "whole_number"]

_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND
_UNITS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "min": 60 * _SECOND,
    "h": 3_600 * _SECOND,
    "d": _DAY,
    "w": 7 * _DAY,
}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\s*")
_DURATION = re.compile(rf"(?:{_DURATION_PART.pattern})+")
_MULTIPLES = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEWEST_DIGITS = 16
_MOST_DIGITS = 19
_MOST = (1 << 63) - 1
_LATEST = (1 << 63) - _DAY


def whole_number(text: str) -> int | None:
    """The number that digits alone say, where the store can hold it."""
    # Of too many digits Python makes no number but an error.
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    number = int(text)
    return number if number <= _MOST else None


def parse_moment(text: str, now: Callable[[], int]) -> int:
    """Nanoseconds since the epoch: a date, a date and time, a duration before now, or the number itself.

    A date or time without an offset is local.
    """
    said = text.strip().lower()
    if said.isascii() and said.isdigit() and len(said) >= _FEWEST_DIGITS:
        return _fitting(int(said), text)
    if said == "now":
        return now()
    if said in {"today", "yesterday"}:
        return _midnight(now(), timedelta(days=said == "yesterday"))
    before = said.removesuffix("ago").strip()
    if _DURATION.fullmatch(before):
        return _fitting(now() - parse_duration(before), text)
    try:
        moment = datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{text!r} is no time; try 2h, 7d, today or 2026-03-31T14:00+02:00") from None
    return _fitting(_nanoseconds(moment), text)


def parse_duration(text: str) -> int:
    """Nanoseconds: a number with its unit, or several, as in 1h30m."""
    said = text.strip().lower()
    parts = _DURATION_PART.findall(said) if _DURATION.fullmatch(said) else []
    if not parts or any(unit not in _UNITS for _, unit in parts):
        raise ValueError(f"{text!r} is no duration; try 250ms, 1.5s, 1h30m, 2d or 1w")
    return _fitting(int(sum(Decimal(number) * _UNITS[unit] for number, unit in parts)), text)


def parse_money(text: str) -> int:
    """Nano-dollars: dollars as a decimal number."""
    dollars = _decimal(text.strip().removeprefix("$"))
    if dollars is None:
        raise ValueError(f"{text!r} is no amount of dollars; try 0.05")
    return _fitting(int(dollars * 1_000_000_000), text)


def parse_count(text: str) -> int:
    """A whole number, perhaps with k, m or g for thousands, millions and billions."""
    said = text.strip().lower().replace("_", "").replace(",", "")
    multiple = _MULTIPLES.get(said[-1:], 1)
    number = _decimal(said[:-1] if multiple > 1 else said)
    if number is None or number * multiple % 1:
        raise ValueError(f"{text!r} is no count; try 1500 or 1.5k")
    return _fitting(int(number * multiple), text)


def parse_label(text: str) -> tuple[str, str]:
    """The key and the value, which may hold further equals signs."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise ValueError(f"{text!r} is no label; try key=value")
    return key, value


def _decimal(text: str) -> Decimal | None:
    """The number, or None for what is none, is negative or is beyond reason."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= _LATEST else None


def _fitting(number: int, text: str) -> int:
    if abs(number) > _LATEST:
        raise ValueError(f"{text!r} is too large")
    return number


def _midnight(now: int, before: timedelta) -> int:
    today = datetime.fromtimestamp(now // _SECOND).astimezone().date()
    return _nanoseconds(datetime.combine(today - before, datetime.min.time()).astimezone())


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000
