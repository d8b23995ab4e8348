"""`agentreplay sessions`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from agentreplay.model.content import Kept
from agentreplay.model.session import Program
from agentreplay.model.time import HOUR, SECOND
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import NEW_YEAR, Maker, batch_of

Run = Callable[..., Result]


@pytest.fixture
def two(memory: MemoryStore, make: Maker) -> tuple[str, str]:
    """A small old session and a large new one."""
    words = make.content("the flight to Oslo is late")
    memory.append(
        batch_of(
            make.session(id="small", labels={"env": "test"}, source="sdk"),
            make.session(id="large", name="a trip", agent="planner", labels={"env": "prod"}),
            make.span(session="small", status="error"),
            make.span(
                session="large",
                kind="llm",
                model="gpt-5",
                tool="search",
                agent="planner",
                usage=Usage(input=2_000),
                cost=NanoDollars(SECOND),
                start=NEW_YEAR + HOUR // 2,
                end=NEW_YEAR + HOUR // 2 + 5 * SECOND,
                kept=(Kept(role="answer", hash=words.hash),),
            ),
            words,
            tenant=make.tenant,
        )
    )
    return "small", "large"


def _ids(result: Result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [item["id"] for item in json.loads(result.stdout)["items"]]


def test_a_list_may_be_of_the_sessions_of_this_folder(
    run: Run, memory: MemoryStore, make: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, folder in (("here", tmp_path), ("there", tmp_path / "other")):
        memory.append(batch_of(make.session(id=name, program=Program(cwd=str(folder)))))
    monkeypatch.chdir(tmp_path)

    assert _ids(run("sessions", "list", "--here", "--json")) == ["here"]
    assert _ids(run("sessions", "--here", "--json")) == ["here"]


def test_a_list_has_the_newest_first(run: Run, two: tuple[str, str]) -> None:
    result = run("sessions", "list")

    assert result.exit_code == 0
    assert result.stderr == ""
    heading, first, second = result.stdout.splitlines()
    assert heading.split()[:4] == ["SESSION", "STARTED", "AGENT", "STATUS"]
    assert first.split()[:7] == ["large", "30", "min", "ago", "planner", "completed", "1"]
    assert "2,000" in first
    assert "$1.00" in first
    assert "a trip" in first
    assert second.startswith("small")
    assert "failed" in second


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--agent", "planner"), ["large"]),
        (("--status", "failed"), ["small"]),
        (("--source", "sdk"), ["small"]),
        (("--label", "env=prod"), ["large"]),
        (("--since", "31m"), ["large"]),
        (("--until", "31m"), ["small"]),
        (("--model", "gpt-5"), ["large"]),
        (("--tool", "search"), ["large"]),
        (("--min-cost", "0.5"), ["large"]),
        (("--min-tokens", "2k"), ["large"]),
        (("--min-duration", "4s"), ["large"]),
        (("--text", "oslo"), ["large"]),
        (("--agent", "planner", "--status", "failed"), []),
        (("--project", "other"), []),
        (("--tenant", "other"), []),
        (("--project", "other", "--all-projects"), ["large", "small"]),
        (("--limit", "1"), ["large"]),
    ],
)
def test_a_list_can_be_narrowed(run: Run, two: tuple[str, str], options: tuple[str, ...], found: list[str]) -> None:
    assert _ids(run("sessions", "list", "--json", *options)) == found


def test_a_list_goes_on_where_the_page_before_ended(run: Run, two: tuple[str, str]) -> None:
    first = json.loads(run("sessions", "list", "--json", "--limit", "1").stdout)
    second = json.loads(run("sessions", "list", "--json", "--limit", "1", "--after", first["next"]).stdout)

    assert [item["id"] for item in (*first["items"], *second["items"])] == ["large", "small"]
    assert second["next"] is None
    assert f"--after {first['next']}" in run("sessions", "list", "--limit", "1").stderr


def test_an_empty_list_says_where_it_looked(run: Run) -> None:
    result = run("sessions", "list")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "project 'demo'" in result.stderr
    assert "--all-projects" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--after", "nonsense"), "error: the cursor 'nonsense' does not belong to this list\nhint: "),
        (("--min-tokens", "many"), "error: invalid value for '--min-tokens': 'many' is no count"),
        (("--status", "done"), "error: invalid value for '--status'"),
        (("--agnet", "x"), "error: no such option '--agnet'"),
        (("--text", "!"), "error: the query cannot be answered"),
        (("--project", ""), "error: the project is not valid"),
    ],
)
def test_a_mistake_is_one_clear_error(run: Run, two: tuple[str, str], options: tuple[str, ...], message: str) -> None:
    result = run("sessions", "list", *options)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
    assert "Traceback" not in result.stderr


@pytest.fixture
def tree(memory: MemoryStore, make: Maker) -> str:
    root = make.span(kind="agent", name="plan a trip")
    call = make.span(root, kind="llm", name="chat", model="gpt-5", usage=Usage(input=10, output=2))
    failed = make.span(root, kind="tool", name="book", tool="book", status="error")
    opened = make.span(failed, kind="http", name="POST", end=None)
    memory.append(batch_of(make.session(labels={"env": "prod"}), root, call, failed, opened))
    return make.session_id


def test_a_session_is_shown_with_its_tree(run: Run, tree: str) -> None:
    result = run("sessions", "show", tree)

    assert (result.exit_code, result.stderr) == (0, "")
    facts, _, spans = result.stdout.partition("\n\n")
    assert f"session   {tree}" in facts
    assert "status    running" in facts
    assert "spans     4: 1 failed, 1 open, agent 1, http 1, llm 1, tool 1" in facts
    assert "tokens    12: input 10, output 2" in facts
    assert "labels    env=prod" in facts
    assert [line[3:20].rstrip() for line in spans.splitlines()[1:]] == [
        "agent plan a trip",
        "  llm chat gpt-5",
        "  tool book",
        "    http POST",
    ]


def test_a_session_is_shown_as_json(run: Run, tree: str) -> None:
    shown = json.loads(run("sessions", "show", tree, "--json").stdout)

    assert shown["session"]["id"] == tree
    assert shown["session"]["summary"]["usage"]["total"] == 12
    assert [(span["depth"], span["seq"], span["kind"]) for span in shown["spans"]] == [
        (0, 1, "agent"),
        (1, 2, "llm"),
        (1, 3, "tool"),
        (2, 4, "http"),
    ]
    assert isinstance(shown["spans"][0]["start"], str)


def test_the_beginning_of_an_id_is_enough(run: Run, two: tuple[str, str]) -> None:
    assert run("sessions", "show", "LAR").stdout.startswith("session   large\n")


def test_a_beginning_of_several_ids_names_them(run: Run, memory: MemoryStore, make: Maker) -> None:
    memory.append(batch_of(make.session(id="run-1"), make.session(id="run-2")))

    result = run("sessions", "show", "run")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "run-1" in result.stderr
    assert "run-2" in result.stderr


@pytest.mark.parametrize("command", [("show",), ("delete", "--yes"), ("show", "--json")])
def test_a_session_that_is_not_there_is_an_error(run: Run, command: tuple[str, ...]) -> None:
    result = run("sessions", *command, "nothing")

    assert (result.exit_code, result.stdout) == (5, "")
    assert result.stderr.startswith("error: there is no session 'nothing' in project 'demo'\nhint: ")


def test_foreign_text_cannot_command_the_terminal(run: Run, memory: MemoryStore, make: Maker) -> None:
    memory.append(batch_of(make.session(name="\x1b[2Jboo"), make.span(name="a\nb\x07")))

    for command in (("list",), ("show", make.session_id)):
        result = run("sessions", *command)

        assert result.exit_code == 0
        assert not set("\x1b\x07") & set(result.stdout)


def test_deleting_asks_on_stderr_and_prints_the_receipt(run: Run, memory: MemoryStore, two: tuple[str, str]) -> None:
    result = run("sessions", "delete", "lar", stdin="yes\n")

    assert result.exit_code == 0
    assert result.stdout == "deleted large: 1 span, 1 content (26 bytes)\n"
    assert "Delete it for good? [y/N]" in result.stderr
    assert memory.statistics().sessions == 1


@pytest.mark.parametrize(("answer", "code"), [("\n", 1), ("no\n", 1), ("", 2)])
def test_nothing_is_deleted_without_a_yes(
    run: Run, memory: MemoryStore, two: tuple[str, str], answer: str, code: int
) -> None:
    result = run("sessions", "delete", "large", stdin=answer)

    assert (result.exit_code, result.stdout) == (code, "")
    assert memory.statistics().sessions == 2


def test_several_sessions_are_deleted_after_one_question(run: Run, memory: MemoryStore, two: tuple[str, str]) -> None:
    result = run("sessions", "delete", *two, *two, stdin="y\n")

    assert len(result.stdout.splitlines()) == 2
    assert "these 2 sessions" in result.stderr
    assert memory.statistics().sessions == 0


def test_receipts_are_a_list_in_json(run: Run, two: tuple[str, str]) -> None:
    receipts: dict[str, Any] = json.loads(run("--json", "sessions", "delete", *two, "--yes").stdout)

    assert receipts["next"] is None
    assert [item["target"]["session"] for item in receipts["items"]] == list(two)
    assert [item["spans"] for item in receipts["items"]] == [1, 1]


def test_nothing_is_deleted_unless_all_are_found(run: Run, memory: MemoryStore, two: tuple[str, str]) -> None:
    result = run("sessions", "delete", "large", "nothing", "--yes")

    assert result.exit_code == 5
    assert memory.statistics().sessions == 2


def test_a_list_takes_a_filter(run: Run, two: tuple[str, str]) -> None:
    whole = [row["id"] for row in json.loads(run("sessions", "list", "--json").stdout)["items"]]
    (first, second) = whole

    def found(*words: str) -> list[str]:
        return [row["id"] for row in json.loads(run("--json", "sessions", "list", *words).stdout)["items"]]

    assert found(f"session:{first}") == [first]
    assert found("spans>=0") == whole
    assert found("spans>100") == []
    assert found("--", f"session:{second}") == [second]
    assert "at column 1: sessions have no field 'kind'" in run("sessions", "list", "kind:llm").stderr


def test_retaining_deletes_all_but_what_is_to_be_kept(run: Run, memory: MemoryStore, two: tuple[str, str]) -> None:
    [newest, *_] = [row["id"] for row in json.loads(run("sessions", "list", "--json").stdout)["items"]]

    told = run("sessions", "retain", "--last", "1", "--dry-run")
    assert (told.stderr, memory.statistics().sessions) == ("1 session would be deleted\n", 2)
    done = run("sessions", "retain", "--last", "1", stdin="y\n")

    assert done.stdout.startswith(f"deleted {told.stdout.strip()}: ")
    assert [row["id"] for row in json.loads(run("sessions", "list", "--json").stdout)["items"]] == [newest]
    assert run("sessions", "retain", "--last", "1").stderr == "there was nothing to delete\n"


def test_retaining_without_a_limit_deletes_nothing(run: Run, memory: MemoryStore, two: tuple[str, str]) -> None:
    result = run("sessions", "retain", "--yes")

    assert result.exit_code == 2
    assert "give --age, --last or --bytes" in result.stderr
    assert memory.statistics().sessions == 2


@pytest.mark.parametrize("limit", [("--age", "1s"), ("--bytes", "0")])
def test_each_limit_is_asked_for(run: Run, memory: MemoryStore, two: tuple[str, str], limit: tuple[str, str]) -> None:
    run("sessions", "retain", *limit, "--yes")

    assert memory.statistics().sessions < 2
