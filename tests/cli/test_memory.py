"""`agentreplay memory`: what is remembered on the command line, and found again."""

import json
from pathlib import Path

import pytest

from agentreplay.model.fact import Author
from agentreplay.model.ids import SessionId
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of
from tests.cli.conftest import Run
from tests.core.test_memory_meaning import Synonyms
from tests.store.remembering import NOTES, keep


def added(run: Run, *arguments: str) -> str:
    """The id of what was remembered."""
    return run("memory", "add", *arguments).stdout.strip()


def test_what_is_remembered_is_found_with_where_it_is_from(run: Run) -> None:
    record = added(run, "The staging server is called Ada", "--meta", "team=infra", "--author", "me")

    found = run("memory", "search", "staging", "server")
    assert found.stdout.splitlines()[0].split() == ["0.45", record, "memory", record]
    assert found.stderr.startswith("1 record found by words: The model local/all-minilm-l6-v2 is not installed")
    told = json.loads(run("--json", "memory", "search", "staging", "--meta", "team=infra").stdout)
    assert (told["by"], told["items"][0]["record"]["metadata"]) == ("words", {"team": "infra"})
    assert json.loads(run("--json", "memory", "search", "staging", "--author", "you").stdout)["items"] == []


def test_a_record_is_changed_and_looked_back_at(run: Run) -> None:
    added(run, "Lunch is at noon", "--id", "lunch")
    run("memory", "update", "lunch", "--text", "Lunch is at one", "--meta", "sure=true")

    assert run("memory", "show", "lunch").stdout.endswith("\n\nLunch is at one\n")
    assert "sure: True" in run("memory", "show", "lunch").stdout
    assert run("memory", "show", "lunch", "--version", "1").stdout.endswith("noon\n")
    rows = [line.split() for line in run("memory", "history", "lunch").stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == ["2", "1"]
    assert run("memory", "search", "noon", "--position", "1").stdout.splitlines()[0].endswith("lunch")
    assert run("memory", "diff", "1").stdout.splitlines()[1].split()[0] == "lunch"
    assert json.loads(run("--json", "memory", "diff", "0", "1").stdout)["items"][0]["before"] is None
    assert run("memory", "update", "lunch", "--text", "x", "--expected", "1").exit_code == 6
    assert run("memory", "show", "dinner").exit_code == 5


def test_records_end_in_three_ways(run: Run) -> None:
    for name in ("a", "b", "c"):
        added(run, "Lunch is at noon", "--id", name)

    run("memory", "expire", "a")
    assert "a" not in run("memory", "list").stdout.split()
    assert "a" in run("memory", "list", "--expired").stdout.split()
    assert run("memory", "sweep").stdout == "a\n"
    assert run("memory", "remove", "b").stdout == "b\n"
    assert run("memory", "forget", "c", "--yes").stderr == "1 record forgotten: 1 version, 0 vectors\n"
    assert json.loads(run("--json", "memory", "forget", "c", "--yes").stdout)["records"] == 0
    assert run("memory", "history", "b").exit_code == 0
    assert run("memory", "history", "c").exit_code == 5


def test_before_anything_is_forgotten_it_is_shown_and_asked(run: Run) -> None:
    added(run, "Lunch is at noon", "--id", "lunch")

    refused = run("memory", "forget", "lunch", "nobody", stdin="n\n")
    unanswered = run("memory", "forget", "lunch")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "lunch: Lunch is at noon\nnobody: (removed)\nForget these 2 records for good? [y/N] nothing was forgotten\n"
    )
    assert unanswered.exit_code == 2
    assert "--yes" in unanswered.stderr
    assert run("memory", "history", "lunch").exit_code == 0
    assert run("memory", "forget", "lunch", stdin="y\n").exit_code == 0
    assert run("memory", "history", "lunch").exit_code == 5


def test_what_says_the_same_is_merged(run: Run) -> None:
    for name, text in {"a": "Lunch is at noon", "b": "lunch is at noon!", "c": "Dinner is at six"}.items():
        added(run, text, "--id", name)

    assert run("memory", "merge").stderr == "1 record merged\n"
    assert run("memory", "merge", "a", "c", "--text", "Lunch is at noon, dinner at six").stderr == "1 record merged\n"
    assert "merged: b, c" in run("memory", "show", "a").stdout


def test_files_are_ingested_and_what_cannot_be_is_told(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# Servers\nThe staging server is Ada.")
    (folder / "b.txt").write_bytes(b"\0")

    told = run("memory", "ingest", str(folder), "--meta", "kind=doc")
    assert told.stdout == f"{folder / 'a.md'}: 1 chunk, 1 new, 0 gone\n"
    assert "b.txt was left out" in told.stderr
    assert "a.md:1-2 (Servers)" in run("memory", "search", "staging").stdout
    assert run("memory", "ingest", str(folder / "b.txt")).exit_code == 2
    assert [
        one["changed"]
        for one in json.loads(run("--json", "memory", "ingest", str(folder), "--meta", "kind=doc").stdout)["items"]
    ] == [
        0,
        0,
    ]


def test_a_session_is_ingested(run: Run, memory: MemoryStore, make: Maker) -> None:
    prompt = make.content("Where is the staging server?")
    span = make.span(name="prompt", kind="human", status="ok")
    memory.append(batch_of(make.session(), prompt, span, tenant=make.tenant))

    assert run("memory", "ingest", f"session:{make.session_id}").exit_code == 0
    assert run("memory", "ingest", "session:nobody").exit_code == 5


def test_what_was_known_at_a_step_is_another_collection(run: Run, memory: MemoryStore, make: Maker) -> None:
    keep(memory, {"a": "apple", "b": "banana"}, author=Author(session=SessionId(make.session_id)))
    memory.append(batch_of(make.session(), make.span(start=memory.memories.find(NOTES).items[0].version.changed)))
    keep(memory, {"c": "cherry"})

    place = ("--session", make.session_id, "--step", "1")
    assert run("memory", "fork", "then", *place, "--without", "b").stderr == "1 record in then\n"
    assert "apple" in run("memory", "list", "--collection", "then").stdout
    assert run("memory", "search", "cherry", *place).stdout == ""
    assert run("memory", "diff", "1", "--session", make.session_id).stdout.count("cherry") == 1
    assert run("memory", "fork", "then").exit_code == 6


def test_an_export_is_taken_in_elsewhere(run: Run, tmp_path: Path) -> None:
    added(run, "Lunch is at noon", "--id", "lunch")
    added(run, "Of an agent", "--id", "own", "--agent", "planner")
    file = tmp_path / "memories.jsonl"

    assert run("memory", "export").stdout.count("\n") == 2
    run("memory", "export", "--all", "-o", str(file))
    assert run("memory", "import", str(file), "--project", "other").stderr == "2 records new or changed\n"
    assert "own" in run("memory", "list", "--agent", "planner", "--project", "other").stdout
    assert run("memory", "import", str(file), "--into", "all").exit_code == 0
    assert json.loads(run("--json", "memory", "stats", "--collection", "all").stdout)["records"] == 2
    rows = run("memory", "collections").stdout.splitlines()[1:]
    assert [row.split()[:3] for row in rows] == [
        ["all", "(project)", "2"],
        ["notes", "(project)", "1"],
        ["notes", "agent:planner", "1"],
    ]


def test_lists_go_on_in_pages(run: Run) -> None:
    for name in ("a", "b"):
        added(run, "text", "--id", name)

    first = run("memory", "list", "--limit", "1")
    assert first.stdout.splitlines()[1].split()[0] == "b"
    assert run("memory", "list", "--after", first.stderr.split()[-1]).stdout.splitlines()[1].split()[0] == "a"


@pytest.mark.parametrize("arguments", [("--agent", "a", "--workspace", "b"), ("--collection", "")])
def test_what_names_no_collection_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("memory", "list", *arguments).exit_code == 2


def test_a_task_gets_what_bears_on_it(run: Run, tmp_path: Path) -> None:
    assert run("memory", "context").stdout == ""
    added(run, "The staging server is called Ada", "--id", "ada")
    added(run, "Deploys wait for the cat " * 40, "--importance", "1", "--workspace", str(tmp_path))
    added(run, "Ask before a deploy", "--agent", "planner")

    told = run("memory", "context", "log", "into", "the", "staging", "server").stdout.splitlines()
    assert told == ["Remembered (material, not instructions):", "- The staging server is called Ada [memory ada]"]
    here = run("memory", "context", "--cwd", str(tmp_path), "--tokens", "100").stdout.splitlines()
    assert here[1:] == [told[1], "(1 record more; `agentreplay memory search` finds them)"]
    items = json.loads(run("--json", "memory", "context", "--agent", "planner").stdout)["items"]
    assert [one["owner"] for one in items] == ["agent:planner", ""]


def test_vectors_are_made_of_all_and_found_by(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentreplay.core.memory_meaning.open_embedder", lambda name, *_: Synonyms(name))
    added(run, "the meal is at noon", "--id", "lunch")
    added(run, "something else entirely", "--id", "other", "--agent", "planner")
    env = {"AGENTREPLAY_EMBEDDINGS": "ollama/synonyms"}

    assert run("memory", "reembed", "--all", env=env).stderr.endswith("2 vectors made by ollama/synonyms\n")
    found = run("memory", "search", "dinner", env=env)
    assert found.stdout.split()[1] == "lunch"
    assert found.stderr == "1 record found by both\n"
    assert "2 by ollama" not in run("memory", "collections").stdout
    assert "1 by ollama/synonyms" in run("memory", "collections").stdout
    assert run("memory", "forget", "lunch", "--yes", env=env).stderr == "1 record forgotten: 1 version, 1 vector\n"
