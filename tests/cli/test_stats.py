"""`agentreplay stats`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import NEW_YEAR, Maker, batch_of

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _calls(memory: MemoryStore, make: Maker) -> None:
    for model, cost in (("gpt-5", 3), ("opus", 9), ("gpt-5", 3)):
        usage = Usage(input=1_000, output=10)
        memory.append(batch_of(make.span(kind="llm", model=model, usage=usage, cost=NanoDollars(cost * 10**9))))
    memory.append(batch_of(make.span(kind="tool", status="error"), make.span(end=None)))


def test_finished_spans_are_measured_as_a_whole(run: Run) -> None:
    result = run("stats")

    assert result.exit_code == 0
    heading, figures = result.stdout.splitlines()
    assert heading.split() == ["SPANS", "ERRORS", "SESSIONS", "TOKENS", "COST", "P50", "P95", "P99"]
    assert figures.split()[:5] == ["4", "1", "1", "3,030", "$15.00"]
    assert result.stderr.startswith("from ")


def test_measures_are_split_with_the_most_expensive_first(run: Run) -> None:
    found = json.loads(run("stats", "--by", "model", "--by", "kind", "--json").stdout)

    assert [(item["dimensions"], item["spans"]) for item in found["items"]] == [
        ({"model": "opus", "kind": "llm"}, 1),
        ({"model": "gpt-5", "kind": "llm"}, 2),
        ({"model": None, "kind": "tool"}, 1),
    ]
    assert found["next"] is None


def test_measures_are_split_by_time(run: Run) -> None:
    result = run("stats", "--grain", "day", "--json")

    (item,) = json.loads(result.stdout)["items"]
    assert item["bucket"] == str(NEW_YEAR)
    assert isinstance(item["duration"], str)
    assert run("stats", "--grain", "hour").stdout.startswith("HOUR")


@pytest.mark.parametrize(
    ("options", "spans"),
    [
        (("--since", "1m"), []),
        (("--since", "2h", "--until", "30m"), [4]),
        (("--project", "other"), []),
        (("--project", "other", "--all-projects"), [4]),
    ],
)
def test_measures_can_be_narrowed(run: Run, options: tuple[str, ...], spans: list[int]) -> None:
    found = json.loads(run("stats", "--json", *options).stdout)

    assert [item["spans"] for item in found["items"]] == spans


def test_nothing_to_measure_is_no_error(run: Run) -> None:
    result = run("stats", "--since", "1m")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "no span" in result.stderr


@pytest.mark.parametrize("options", [("--since", "1h", "--until", "2h"), ("--by", "colour"), ("--grain", "year")])
def test_a_mistake_is_one_clear_error(run: Run, options: tuple[str, ...]) -> None:
    result = run("stats", *options)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")


def test_the_store_tells_what_it_holds(run: Run) -> None:
    result = run("stats", "--store")

    assert (result.exit_code, result.stderr) == (0, "")
    assert ["spans", "5"] in [line.split() for line in result.stdout.splitlines()]


def test_the_store_tells_it_as_json(run: Run) -> None:
    told = json.loads(run("stats", "--store", "--json").stdout)

    assert (told["sessions"], told["spans"]) == (1, 5)
    assert isinstance(told["oldest"], str)
    assert told["reuse"] == 1.0
