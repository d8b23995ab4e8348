"""What an examination means."""

from typing import Any

import pytest

from agentreplay.core.doctor import Finding, findings
from agentreplay.model.receipt import Lag, Statistics
from agentreplay.store.sqlite.connection import FORMAT
from agentreplay.store.sqlite.upkeep import Examination

MIB = 1024 * 1024


def _examination(**facts: Any) -> Examination:
    usual: dict[str, Any] = {
        "folder": "/data/store",
        "exists": True,
        "format": 1,
        "problems": (),
        "lag": Lag(journals=0, bytes=0),
        "indexer": None,
        "statistics": _statistics(),
        "sqlite_version": "3.51.0",
    }
    return Examination(**usual | facts)


def _statistics(**figures: Any) -> Statistics:
    return Statistics(**{"sessions": 1, "spans": 2, "contents": 3, "links": 4, **figures})


def _only(examination: Examination, level: str) -> Finding:
    found = [finding for finding in findings(examination) if finding.level == level]
    assert len(found) == 1
    return found[0]


def test_a_folder_that_is_not_there_is_fine() -> None:
    (finding,) = findings(_examination(exists=False))

    assert finding.level == "fine"
    assert "nothing is recorded yet" in finding.text


def test_a_sound_store_is_said_to_be_sound() -> None:
    (finding,) = findings(_examination())

    assert finding.level == "fine"


def test_a_problem_comes_first_and_says_how_to_salvage() -> None:
    examination = _examination(
        folder="/my data", problems=("page 7 is damaged",), lag=Lag(journals=1, bytes=0, damaged=("a",))
    )

    found = findings(examination)

    assert [finding.level for finding in found] == ["problem", "warning"]
    assert found[0].text == "page 7 is damaged"
    assert "agentreplay --db-path '/my data' doctor --salvage NEW" in found[0].hint


def test_a_newer_format_is_not_salvaged_but_waits_for_an_update() -> None:
    finding = _only(_examination(format=FORMAT + 1, problems=("it has a newer format",)), "problem")

    assert "salvage" not in finding.hint
    assert "update" in finding.hint


def test_journals_without_a_database_are_a_recording() -> None:
    """A process that records never opens the database."""
    found = findings(_examination(exists=False, statistics=None, lag=Lag(journals=1, bytes=7)))

    assert "7 bytes in 1 journal" in found[0].text
    assert not any("nothing is recorded" in finding.text for finding in found)


def test_journals_that_wait_are_no_problem() -> None:
    waiting = Lag(journals=2, bytes=12_345)

    alone = findings(_examination(lag=waiting))
    busy = findings(_examination(lag=waiting, indexer=4711))

    assert {finding.level for finding in (*alone, *busy)} == {"fine"}
    assert "12,345 bytes in 2 journals" in alone[0].text
    assert "stats" in alone[0].hint
    assert "process 4711" in busy[0].text


def test_the_process_that_holds_the_store_is_named_even_when_it_is_idle() -> None:
    found = findings(_examination(indexer=4711))

    assert any("process 4711" in finding.text for finding in found)


def test_a_journal_set_aside_is_told() -> None:
    finding = _only(_examination(lag=Lag(journals=0, bytes=0, damaged=("a.journal",))), "warning")

    assert "a.journal" in finding.text
    assert finding.hint


@pytest.mark.parametrize(
    ("figures", "word"),
    [
        ({"conflicts": 1}, "1 span contradicted"),
        ({"bytes": 100 * MIB, "free_bytes": 30 * MIB}, "are free"),
        ({"wal_bytes": 300 * MIB}, "write-ahead log"),
    ],
)
def test_wear_is_told_with_what_to_do(figures: dict[str, int], word: str) -> None:
    finding = _only(_examination(statistics=_statistics(**figures)), "warning")

    assert word in finding.text
    assert finding.hint


def test_a_little_free_room_is_not_worth_a_word() -> None:
    statistics = _statistics(bytes=100 * MIB, free_bytes=20 * MIB)

    assert [finding.level for finding in findings(_examination(statistics=statistics))] == ["fine"]
