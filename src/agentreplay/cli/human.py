"""Sizes, durations, money, tokens and times as people read them."""

from datetime import datetime

__all__ = ["count", "duration", "money", "noun", "relative", "size", "time_of"]

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_DOLLAR = 1_000_000_000
_CENT = _DOLLAR // 100
_RECENT = 30 * _DAY
_PLACES_OF_A_NANODOLLAR = 9


def size(octets: int) -> str:
    """Bytes in the unit that leaves up to four digits."""
    value = float(octets)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if abs(value) < 1024:  # noqa: PLR2004  # what the units stand for
            return f"{octets:,} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:,.1f} TiB"


def count(number: int) -> str:
    """A whole number, its digits in groups of three."""
    return f"{number:,}"


def noun(number: int, name: str) -> str:
    """So many things of that name."""
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def duration(nanoseconds: float | None) -> str:
    """A length of time in its two largest units; an absent one as a dash."""
    if nanoseconds is None:
        return "-"
    whole = round(nanoseconds)
    if whole < _SECOND:
        return _below_a_second(whole)
    if whole < _MINUTE:
        return f"{whole / _SECOND:.2f} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE // _SECOND:02}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02}m"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR:02}h"


def money(nano_dollars: int | None) -> str:
    """Dollars and cents; below a cent two digits that say something. An unknown amount as a dash."""
    if nano_dollars is None:
        return "-"
    sign, amount = "-" if nano_dollars < 0 else "", abs(nano_dollars)
    if amount == 0:
        return "$0"
    if amount >= _CENT:
        return f"{sign}${amount / _DOLLAR:,.2f}"
    places = _PLACES_OF_A_NANODOLLAR - len(str(amount)) + 2
    return f"{sign}${amount / _DOLLAR:.{min(places, _PLACES_OF_A_NANODOLLAR)}f}"


def relative(moment: int, now: int) -> str:
    """How long ago; a date for what lies far back or ahead."""
    ago = now - moment
    if not 0 <= ago < _RECENT:
        return time_of(moment)[:10]
    for unit, name in ((_DAY, "day"), (_HOUR, "h"), (_MINUTE, "min")):
        if ago >= unit:
            number = ago // unit
            return f"{number} {name}s ago" if name == "day" and number > 1 else f"{number} {name} ago"
    return f"{ago // _SECOND} s ago"


def time_of(moment: int) -> str:
    """A point in time by the local clock, to the second, with its offset."""
    try:
        local = datetime.fromtimestamp(moment // _SECOND).astimezone()
    except (OverflowError, OSError, ValueError):
        return f"{moment} ns"
    return local.isoformat(sep=" ", timespec="seconds")


def _below_a_second(nanoseconds: int) -> str:
    for unit, name in ((1_000_000, "ms"), (1_000, "µs")):
        if abs(nanoseconds) >= unit:
            value = nanoseconds / unit
            return f"{value:.1f} {name}" if abs(value) < 10 else f"{value:.0f} {name}"  # noqa: PLR2004  # two digits
    return f"{nanoseconds} ns"
