"""`agentreplay doctor`, on stores on disk."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agentreplay.store.registry import open_store
from agentreplay.testing import Maker, batch_of

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, make: Maker) -> Path:
    """A store of a session with two spans."""
    folder = tmp_path / "a store"
    store = open_store(folder)
    store.append(batch_of(make.session(), make.span(), make.span()))
    store.drain()
    store.close()
    return folder


def test_a_folder_that_is_not_there_is_fine(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "not there"

    result = run("doctor", "--db-path", str(folder))

    assert (result.exit_code, result.stderr) == (0, "")
    assert "nothing is recorded yet" in result.stdout
    assert str(folder) in result.stdout
    assert "SQLite" in result.stdout
    assert not folder.exists()


def test_a_sound_store_is_said_to_be_sound(run: Run, folder: Path) -> None:
    result = run("doctor", "--db-path", str(folder))

    assert (result.exit_code, result.stderr) == (0, "")
    assert "1 session, 2 spans" in result.stdout
    assert "fine: " in result.stdout


def test_the_settings_in_force_are_told_with_where_they_come_from(run: Run, tmp_path: Path) -> None:
    result = run("doctor", "--db-path", str(tmp_path), env={"AGENTREPLAY_PROJECT": "mine"})

    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["project", "mine", "(AGENTREPLAY_PROJECT)"] in lines
    assert ["durability", "process", "(default)"] in lines
    told = [line for line in result.stdout.splitlines() if line.startswith("  ") and line.endswith(")")]
    name = max((line.split()[0] for line in told), key=len)
    assert {len(line) - len(line[len(name) + 2 :].lstrip()) for line in told} == {len(name) + 3}


def test_an_examination_is_one_json_document(run: Run, folder: Path) -> None:
    told = json.loads(run("doctor", "--json", "--db-path", str(folder)).stdout)

    assert told["exists"] is True
    assert told["problems"] == []
    assert told["statistics"]["spans"] == 2
    assert [finding["level"] for finding in told["findings"]] == ["fine"]


def test_a_damaged_store_is_a_problem_with_a_way_out(run: Run, folder: Path, tmp_path: Path) -> None:
    database = max((path for path in folder.iterdir() if path.is_file()), key=lambda path: path.stat().st_size)
    octets = bytearray(database.read_bytes())
    octets[100:] = b"\xff" * (len(octets) - 100)
    database.write_bytes(octets)

    result = run("doctor", "--db-path", str(folder))

    assert result.exit_code == 8
    assert "problem: " in result.stdout
    assert "--salvage NEW" in result.stdout
    assert "Traceback" not in result.output


def test_what_was_imported_is_understood_anew(run: Run, folder: Path) -> None:
    said = run("doctor", "--renormalise", "--db-path", str(folder))
    told = json.loads(run("doctor", "--renormalise", "--json", "--db-path", str(folder)).stdout)

    assert (said.exit_code, said.stdout) == (0, "0 spans of 2 came out otherwise than before\n")
    assert told == {"action": "renormalise", "folder": str(folder), "spans": 2, "changed": 0}


def test_views_are_made_anew(run: Run, folder: Path) -> None:
    result = run("doctor", "--rebuild", "--db-path", str(folder))

    assert (result.exit_code, result.stderr) == (0, "")
    assert "anew" in result.stdout


def test_what_is_readable_is_salvaged_to_a_new_folder(run: Run, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "salvaged"

    told = json.loads(run("doctor", "--salvage", str(target), "--json", "--db-path", str(folder)).stdout)

    assert (told["action"], told["spans"], told["lost"]) == ("salvage", 2, 0)
    with_target = json.loads(run("doctor", "--json", "--db-path", str(target)).stdout)
    assert with_target["statistics"]["spans"] == 2


def test_salvage_overwrites_nothing(run: Run, folder: Path) -> None:
    result = run("doctor", "--salvage", str(folder), "--db-path", str(folder))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not empty" in result.stderr


def test_vacuuming_tells_what_it_gained(run: Run, folder: Path) -> None:
    told = json.loads(run("doctor", "--vacuum", "--json", "--db-path", str(folder)).stdout)

    assert told["action"] == "vacuum"
    assert told["bytes_after"] <= told["bytes_before"]


@pytest.mark.parametrize("options", [("--rebuild",), ("--renormalise",), ("--vacuum",), ("--salvage", "new")])
def test_there_must_be_something_to_mend(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    result = run("doctor", *options, "--db-path", str(tmp_path / "not there"))

    assert (result.exit_code, result.stdout) == (8, "")
    assert result.stderr.startswith("error: ")
    assert list(tmp_path.iterdir()) == []


def test_one_thing_is_done_at_a_time(run: Run, folder: Path) -> None:
    result = run("doctor", "--rebuild", "--vacuum", "--db-path", str(folder))

    assert (result.exit_code, result.stdout) == (2, "")
