"""`agentreplay state`: facts are read, written, followed, dumped and loaded."""

import json
from pathlib import Path

import pytest

from agentreplay.model.fact import Author, StateKey
from agentreplay.model.ids import SessionId
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of, draft_of
from tests.cli.conftest import Run


def test_what_is_set_is_got(run: Run) -> None:
    done = run("state", "set", "planner", "plan", '{"steps": [1, {"$bytes": "aGk="}]}')

    assert (done.stdout, done.stderr) == ("", "plan written as version 1 at position 1\n")
    assert json.loads(run("state", "get", "planner", "plan").stdout) == {"steps": [1, {"$bytes": "aGk="}]}
    told = json.loads(run("--json", "state", "get", "planner", "plan").stdout)
    assert (told["version"], told["position"], told["is_deleted"]) == (1, "1", False)


def test_a_text_and_the_standard_input_are_taken(run: Run) -> None:
    run("state", "set", "planner", "a", "plain words", "--text")
    run("state", "set", "planner", "b", "-", stdin="[1]")

    assert run("state", "at", "planner").stdout == '{"a": "plain words", "b": [1]}\n'


def test_what_is_no_json_is_refused(run: Run) -> None:
    refused = run("state", "set", "planner", "a", "plain words")

    assert refused.exit_code == 2
    assert "--text" in refused.stderr


def test_a_missing_fact_is_said(run: Run) -> None:
    missing = run("state", "get", "planner", "plan")

    assert missing.exit_code == 5
    assert "`agentreplay state keys planner`" in missing.stderr
    assert run("state", "delete", "planner", "plan").exit_code == 5


def test_an_unexpected_version_is_refused(run: Run) -> None:
    run("state", "set", "planner", "plan", "1")

    assert run("state", "set", "planner", "plan", "2", "--expected", "0").exit_code == 6
    assert run("state", "set", "planner", "plan", "2", "--expected", "1").exit_code == 0


def test_the_past_is_shown(run: Run) -> None:
    run("state", "set", "planner", "plan", "1")
    run("state", "set", "planner", "plan", "2")
    run("state", "delete", "planner", "plan")

    assert run("state", "get", "planner", "plan", "--version", "1").stdout == "1\n"
    assert run("state", "get", "planner", "plan", "--position", "2").stdout == "2\n"
    assert run("state", "at", "planner", "--position", "1").stdout == '{"plan": 1}\n'
    assert run("state", "at", "planner").stderr == "0 facts at position 3\n"
    lines = run("state", "diff", "planner", "1").stdout.splitlines()
    assert [line.split() for line in lines] == [["KEY", "BEFORE", "AFTER"], ["plan", "1", "(nothing)"]]


def test_the_state_at_a_step_is_shown(run: Run, memory: MemoryStore, make: Maker) -> None:
    state = StateKey(make.tenant, make.project, "default", "planner")
    memory.facts.commit(draft_of(state, {"plan": 1}, author=Author(session=SessionId(make.session_id))))
    past = make.span()
    memory.append(batch_of(make.session(), past))

    assert run("state", "at", "planner", "--session", make.session_id, "--step", "1").stdout == "{}\n"
    assert run("state", "at", "planner", "--session", make.session_id, "--step", "2").exit_code == 5
    assert run("state", "at", "planner", "--step", "2").exit_code == 2


def test_the_log_is_shown(run: Run) -> None:
    run("state", "set", "planner", "plan", "1")
    run("state", "set", "planner", "other", '"x"')
    run("state", "delete", "planner", "plan")

    rows = [line.split() for line in run("state", "log", "planner").stdout.splitlines()]
    assert [(row[0], *row[-3:]) for row in rows[1:]] == [
        ("1", "plan", "1", "1"),
        ("2", "other", "1", '"x"'),
        ("3", "plan", "2", "(deleted)"),
    ]
    told = [json.loads(line) for line in run("--json", "state", "log", "planner", "--key", "plan").stdout.splitlines()]
    assert [one["position"] for one in told] == ["1", "3"]
    tail = run("state", "tail", "planner", "-n", "1").stdout.splitlines()
    assert tail[1].split()[0] == "3"
    assert run("state", "tail", "planner", "-n", "0").stdout == ""


def test_keys_are_listed_in_pages(run: Run) -> None:
    for key in ("b", "a1", "a2"):
        run("state", "set", "planner", key, "1")

    assert run("state", "keys", "planner", "--prefix", "a").stdout == "a1\na2\n"
    first = run("state", "keys", "planner", "--limit", "2")
    assert (first.stdout, first.stderr) == ("a1\na2\n", "more: --after a2\n")
    assert run("state", "keys", "planner", "--after", "a2").stdout == "b\n"


def test_a_dump_is_loaded_elsewhere(run: Run, tmp_path: Path) -> None:
    run("state", "set", "planner", "plan", '{"$integer": "123456789012345678901234567890"}')
    run("state", "set", "writer", "draft", '"…"', "--namespace", "n")
    file = tmp_path / "dump.jsonl"

    run("state", "dump", "-o", str(file))
    loaded = run("state", "load", str(file), "--project", "other")

    assert loaded.stderr == "2 facts loaded at position 3\n"
    assert run("state", "get", "writer", "draft", "--namespace", "n", "--project", "other").stdout == '"…"\n'


@pytest.mark.parametrize("text", ["", "{}", '{"format":"agentreplay-state","version":99}', "no json"])
def test_what_is_no_dump_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "dump.jsonl"
    file.write_text(text)

    assert run("state", "load", str(file)).exit_code in {2, 8}


def test_past_states_are_given_up(run: Run) -> None:
    for number in range(4):
        run("state", "set", "planner", "plan", str(number))

    done = run("state", "compact", "--before-position", "3", "--keep", "1")

    assert done.stderr == "1 operation left out of 1 state\n"
    assert run("state", "at", "planner", "--position", "2").exit_code == 5
    assert run("state", "at", "planner", "--position", "1").stdout == '{"plan": 0}\n'
    assert run("state", "compact").exit_code == 2
