"""`agentreplay snapshot`: states saved, looked at, compared, copied and deleted."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state.json").write_text('{"city":"Oslo","days":[1,2]}', encoding="utf-8")
    return tmp_path


def test_a_state_is_saved_shown_verified_and_restored(run: Run, here: Path) -> None:
    saved = run(
        "snapshot", "save", "state.json", "kept/one.snapshot", "--agent", "ann", "--session", "s", "--index", "3",
        "--description", "before the storm", "--label", "env=prod",
    )  # fmt: skip
    assert (saved.exit_code, saved.stdout) == (0, ""), saved.stderr
    assert saved.stderr.startswith("saved kept/one.snapshot: 28 bytes in ")

    told = run("snapshot", "show", "kept/one.snapshot").stdout
    assert "before the storm" in told
    assert "env=prod" in told
    shown = json.loads(run("--json", "snapshot", "show", "kept/one.snapshot").stdout)
    assert (shown["agent_id"], shown["snapshot_index"], shown["uncompressed_size"]) == ("ann", 3, 28)
    assert isinstance(shown["timestamp"], str)
    assert "as it was written" in run("snapshot", "verify", "kept/one.snapshot").stderr
    assert run("snapshot", "restore", "kept/one.snapshot", "-o", "-").stdout == '{"city":"Oslo","days":[1,2]}'
    run("snapshot", "restore", "kept/one.snapshot", "-o", "again.json")
    assert (here / "again.json").read_bytes() == (here / "state.json").read_bytes()


def test_a_state_may_come_from_standard_input(run: Run) -> None:
    run("snapshot", "save", "-", "one.snapshot", stdin="[1]")

    assert run("snapshot", "restore", "one.snapshot", "-o", "-").stdout == "[1]"


def test_nothing_is_written_over_unless_it_is_forced(run: Run) -> None:
    run("snapshot", "save", "state.json", "one.snapshot")

    refused = run("snapshot", "save", "state.json", "one.snapshot")

    assert refused.exit_code == 6
    assert "there is a snapshot" in refused.stderr
    assert run("snapshot", "save", "state.json", "one.snapshot", "--force").exit_code == 0
    assert run("snapshot", "restore", "one.snapshot", "-o", "state.json").exit_code == 6


def test_a_folder_is_listed_and_what_is_damaged_is_warned_of(run: Run, here: Path) -> None:
    for number, agent in ((1, "ann"), (2, "ben")):
        run("snapshot", "save", "state.json", f"kept/{number}.snapshot", "--agent", agent)
    (here / "kept" / "3.snapshot").write_bytes((here / "kept" / "1.snapshot").read_bytes()[:-5])

    listed = run("snapshot", "list", "kept")

    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["NAME", "1.snapshot", "2.snapshot"]
    assert "3.snapshot is damaged" in listed.stderr
    told = json.loads(run("--json", "snapshot", "list", "kept", "--agent", "ben").stdout)
    assert [each["name"] for each in told["items"]] == ["2.snapshot"]
    assert "there is no snapshot" in run("snapshot", "list").stderr


def test_damage_has_its_own_exit_code(run: Run, here: Path) -> None:
    run("snapshot", "save", "state.json", "one.snapshot")
    (here / "one.snapshot").write_bytes((here / "one.snapshot").read_bytes()[:-5])

    verified = run("snapshot", "verify", "one.snapshot")
    restored = run("snapshot", "restore", "one.snapshot", "-o", "again.json")

    assert verified.exit_code == restored.exit_code == 8
    assert "hint:" in verified.stderr
    assert not (here / "again.json").exists()
    assert run("snapshot", "show", "nothing.snapshot").exit_code == 5


def test_two_are_compared(run: Run) -> None:
    run("snapshot", "save", "state.json", "one.snapshot")
    run("snapshot", "save", "-", "two.json.gz", stdin='{"city":"Rome","days":[1,2]}')

    told = run("snapshot", "diff", "one.snapshot", "two.json.gz")

    assert told.stdout == 'city\n  "Oslo"\n  "Rome"\n'
    assert told.stderr == "1 difference\n"
    assert json.loads(run("--json", "snapshot", "diff", "one.snapshot", "two.json.gz").stdout)["items"] == [
        {"path": "city", "expected": "Oslo", "got": "Rome"}
    ]


def test_a_passphrase_comes_from_the_environment(run: Run) -> None:
    key = {"AGENTREPLAY_SNAPSHOT_KEY": "open sesame"}

    assert run("snapshot", "save", "state.json", "one.snapshot", "--encrypt").exit_code == 2
    assert run("snapshot", "save", "state.json", "one.snapshot", "--encrypt", env=key).exit_code == 0

    refused = run("snapshot", "verify", "one.snapshot")
    assert (refused.exit_code, "encrypted" in refused.stderr) == (2, True)
    assert run("snapshot", "verify", "one.snapshot", env=key).exit_code == 0
    assert "aes-256-gcm" in run("snapshot", "show", "one.snapshot").stdout
    assert run("snapshot", "copy", "one.snapshot", "two.snapshot").exit_code == 0


def test_deleting_is_asked_for_and_told(run: Run, here: Path) -> None:
    run("snapshot", "save", "state.json", "one.snapshot")

    assert run("snapshot", "delete", "one.snapshot", stdin="n\n").exit_code == 1
    assert run("snapshot", "delete", "one.snapshot").exit_code == 2
    assert run("snapshot", "delete", "one.snapshot", "two.snapshot", "--yes").exit_code == 5
    assert (here / "one.snapshot").exists()
    assert run("snapshot", "delete", "one.snapshot", stdin="y\n").stdout == "deleted one.snapshot\n"
    assert not (here / "one.snapshot").exists()


def test_those_not_to_be_kept_are_told_before_they_go(run: Run, here: Path) -> None:
    for number in (1, 2, 3):
        run("snapshot", "save", "state.json", f"kept/{number}.snapshot", "--index", str(number))

    told = run("snapshot", "retain", "kept", "--last", "1", "--dry-run")
    assert told.stdout == "kept/1.snapshot\nkept/2.snapshot\n"
    assert run("snapshot", "retain", "kept", "--last", "1", "--yes").stdout.count("deleted") == 2
    assert [path.name for path in (here / "kept").iterdir()] == ["3.snapshot"]
    assert run("snapshot", "retain", "kept").exit_code == 2
