"""Sizes, durations, money and times as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.cli import human

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
YEAR_2026 = 1_767_225_600 * SECOND


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (1536, "1.5 KiB"),
        (5 << 30, "5.0 GiB"),
        (3 << 50, "3,072.0 TiB"),
    ],
)
def test_sizes(octets: int, text: str) -> None:
    assert human.size(octets) == text


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (None, "-"),
        (0, "0 ns"),
        (999, "999 ns"),
        (1_500, "1.5 µs"),
        (12_345_678, "12 ms"),
        (1_234_000_000, "1.23 s"),
        (72 * SECOND, "1m 12s"),
        (7_500 * SECOND, "2h 05m"),
        (3 * DAY + 4 * 3_600 * SECOND, "3d 04h"),
    ],
)
def test_durations(nanoseconds: int | None, text: str) -> None:
    assert human.duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("nano_dollars", "text"),
    [
        (None, "-"),
        (0, "$0"),
        (1, "$0.000000001"),
        (1_234, "$0.0000012"),
        (1_230_000, "$0.0012"),
        (10_000_000, "$0.01"),
        (1_234_560_000_000, "$1,234.56"),
        (-2 * SECOND, "-$2.00"),
    ],
)
def test_money(nano_dollars: int | None, text: str) -> None:
    assert human.money(nano_dollars) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (0, "0 s ago"),
        (59 * SECOND, "59 s ago"),
        (60 * SECOND, "1 min ago"),
        (7_200 * SECOND, "2 h ago"),
        (DAY, "1 day ago"),
        (29 * DAY, "29 days ago"),
    ],
)
def test_recent_times_are_told_from_now(ago: int, text: str) -> None:
    assert human.relative(YEAR_2026 - ago, YEAR_2026) == text


def test_far_times_are_dates() -> None:
    assert human.relative(YEAR_2026 - 40 * DAY, YEAR_2026).startswith("2025-11-2")
    assert human.relative(YEAR_2026 + 40 * DAY, YEAR_2026).startswith("2026-02-")


def test_one_thing_has_no_plural() -> None:
    assert [human.noun(number, "span") for number in (0, 1, 2_000)] == ["0 spans", "1 span", "2,000 spans"]


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_any_time_and_amount_can_be_told(number: int) -> None:
    assert human.time_of(number)
    assert human.relative(number, YEAR_2026)
    assert human.money(number)
    assert human.duration(number)
    assert human.size(number)
