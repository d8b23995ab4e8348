"""What people type for times, durations, money, counts and labels."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.inputs import parse_count, parse_duration, parse_label, parse_moment, parse_money, whole_number

SECOND = 1_000_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
NOON = int(datetime(2026, 3, 31, 12, tzinfo=UTC).timestamp()) * SECOND


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _moment(text: str) -> int:
    return parse_moment(text, lambda: NOON)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOON),
        ("2h", NOON - 2 * HOUR),
        ("7d ago", NOON - 7 * DAY),
        ("1h30m", NOON - 3 * HOUR // 2),
        ("2026-03-31T12:00Z", NOON),
        ("2026-03-31 14:00+02:00", NOON),
        ("2026-03-31T12:00:00.5Z", NOON + SECOND // 2),
        (str(NOON + 7), NOON + 7),
    ],
)
def test_a_time_is_told_from_now_or_as_a_date(text: str, moment: int) -> None:
    assert _moment(text) == moment


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31", NOON - 14 * HOUR),
        ("2026-03-31 14:00", NOON),
        ("2026-01-01", NOON - 14 * HOUR - 89 * DAY + HOUR),
        ("today", NOON - 14 * HOUR),
        ("yesterday", NOON - 38 * HOUR),
    ],
)
def test_a_time_without_an_offset_is_local(text: str, moment: int) -> None:
    assert _moment(text) == moment


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("250ms", SECOND // 4),
        ("1.5s", 3 * SECOND // 2),
        ("1h 30m", 3 * HOUR // 2),
        ("1w", 7 * DAY),
        ("0s", 0),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(("text", "nano_dollars"), [("0.05", 50_000_000), ("$2", 2 * SECOND), ("0", 0), ("1e-9", 1)])
def test_money_is_dollars(text: str, nano_dollars: int) -> None:
    assert parse_money(text) == nano_dollars


@pytest.mark.parametrize(
    ("text", "count"), [("1500", 1500), ("1.5k", 1500), ("2M", 2_000_000), ("1_000", 1000), ("1,000", 1000)]
)
def test_a_count_may_be_short(text: str, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("1700000000000000000", 1_700_000_000_000_000_000), (str((1 << 63) - 1), (1 << 63) - 1)]
    + [(text, None) for text in ("", "-1", "1.0", "\u0663", str(1 << 63), "9" * 5_000)],
)
def test_a_whole_number_is_one_that_the_store_can_hold(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_a_label_is_split_at_the_first_equals_sign() -> None:
    assert parse_label("query=a=b") == ("query", "a=b")
    assert parse_label("empty=") == ("empty", "")


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (_moment, ""),
        (_moment, "soon"),
        (_moment, "2026-13-01"),
        (_moment, "9" * 30),
        (_moment, "99999999d"),
        (parse_duration, ""),
        (parse_duration, "5"),
        (parse_duration, "5x"),
        (parse_duration, "-5s"),
        (parse_duration, "9" * 40 + "d"),
        (parse_money, "-1"),
        (parse_money, "free"),
        (parse_money, "nan"),
        (parse_money, "1e999999999"),
        (parse_count, "1.5"),
        (parse_count, "k"),
        (parse_count, "1kk"),
        (parse_count, "1e999999999"),
        (parse_label, "env"),
        (parse_label, "=prod"),
    ],
)
def test_what_cannot_be_read_is_quoted_in_the_error(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"is (no|too)") as raised:
        parse(text)

    assert repr(text) in str(raised.value)


@given(st.text(max_size=20))
def test_nothing_that_is_typed_breaks_the_parsers(text: str) -> None:
    parsers: list[Callable[[str], object]] = [_moment, parse_duration, parse_money, parse_count, parse_label]
    for parse in parsers:
        with suppress(ValueError):
            parse(text)
