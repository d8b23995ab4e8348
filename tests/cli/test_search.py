"""`agentreplay search`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from agentreplay.model.content import Kept
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _orders(memory: MemoryStore, make: Maker) -> None:
    for number, session in enumerate(("first", "second", "first")):
        words = make.content(f"order {number} ships on Friday")
        span = make.span(session=session, kind="tool", name="lookup", kept=(Kept(role="answer", hash=words.hash),))
        memory.append(batch_of(words, span, tenant=make.tenant))


def test_hits_stand_below_their_session_with_the_passage(run: Run) -> None:
    result = run("search", "order", "2")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "first",
        "  #2 tool lookup, 59 min ago",
        "    order 2 ships on Friday",
    ]


def test_sessions_are_set_apart(run: Run) -> None:
    blocks = run("search", "friday").stdout.split("\n\n")

    assert sorted(block.splitlines()[0] for block in blocks) == ["first", "second"]


def test_a_phrase_keeps_its_words_together(run: Run) -> None:
    assert json.loads(run("search", '"ships friday"', "--json").stdout)["items"] == []
    assert len(json.loads(run("search", '"ships on"', "--json").stdout)["items"]) == 3


def test_json_has_the_span_and_the_passages(run: Run) -> None:
    found = json.loads(run("--json", "search", "order 1").stdout)

    assert found["next"] is None
    (item,) = found["items"]
    assert item["span"]["session"] == "second"
    assert isinstance(item["span"]["start"], str)
    assert item["snippet"] == "order 1 ships on Friday"
    assert {"text": "order", "matches": True} in item["passages"]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--session", "fir"), 2),
        (("--kind", "tool"), 3),
        (("--kind", "llm"), 0),
        (("--status", "error"), 0),
        (("--since", "1m"), 0),
        (("--limit", "2"), 2),
        (("--project", "other"), 0),
        (("--project", "other", "--all-projects"), 3),
        (("--tenant", "other"), 0),
    ],
)
def test_a_search_can_be_narrowed(run: Run, options: tuple[str, ...], count: int) -> None:
    assert len(json.loads(run("search", "order", "--json", *options).stdout)["items"]) == count


def test_a_search_goes_on_where_the_page_before_ended(run: Run) -> None:
    first = json.loads(run("search", "order", "--json", "--limit", "2").stdout)
    rest = json.loads(run("search", "order", "--json", "--limit", "2", "--after", first["next"]).stdout)

    assert len(first["items"]) + len(rest["items"]) == 3
    assert rest["next"] is None
    assert f"--after {first['next']}" in run("search", "order", "--limit", "2").stderr


def test_finding_nothing_is_no_error(run: Run) -> None:
    result = run("search", "unicorn")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nothing was found\n"


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("?!",), 2), (("order", "--session", "third"), 5)])
def test_a_mistake_is_one_clear_error(run: Run, arguments: tuple[str, ...], code: int) -> None:
    result = run("search", *arguments)

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("error: ")


def test_conditions_may_stand_among_the_words(run: Run) -> None:
    assert len(json.loads(run("search", "ships", "kind:tool", "tokens=0", "--json").stdout)["items"]) == 3
    assert json.loads(run("search", "ships", "name!=lookup", "--json").stdout)["items"] == []
    assert len(json.loads(run("search", "kind:tool", "--json").stdout)["items"]) == 3


def test_a_condition_that_cannot_be_read_is_told_with_its_column(run: Run) -> None:
    result = run("search", "ships", "kin:tool")

    assert result.exit_code == 2
    assert "at column 7: spans have no field 'kin'" in result.stderr
    assert "did you mean kind?" in result.stderr
