"""What one run of the command line works with."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from agentreplay.cli.invocation import Invocation, is_recorded, open_recorded
from agentreplay.cli.program import program
from agentreplay.errors import ValueInvalid
from agentreplay.model.receipt import Lag
from agentreplay.settings import SETTINGS, Settings
from agentreplay.store.memory import MemoryStore
from agentreplay.store.registry import open_store
from agentreplay.testing import Maker, batch_of


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)


def test_options_count_more_than_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTREPLAY_PROJECT", "from-environment")
    monkeypatch.setenv("AGENTREPLAY_TENANT", "from-environment")

    invocation = Invocation(chosen={"project": "from-option", "json": True})

    assert invocation.project == "from-option"
    assert invocation.tenant == "from-environment"
    assert invocation.wants_json
    assert invocation.settings.sources["project"] == "--project"
    assert invocation.settings.sources["tenant"] == "AGENTREPLAY_TENANT"


@pytest.mark.parametrize("name", ["project", "tenant", "db_path"])
def test_an_empty_option_is_refused(name: str) -> None:
    invocation = Invocation(chosen={name: ""})

    with pytest.raises(ValueInvalid):
        getattr(invocation, name if name != "db_path" else "settings")


def test_reading_where_nothing_is_recorded_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "not there"

    with Invocation(chosen={"db_path": str(folder)}).reading() as store:
        assert store.statistics().spans == 0

    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert "nothing is recorded yet" in stderr
    assert "hint: " in stderr
    assert not folder.exists()


@pytest.mark.parametrize("others", [(), ("thesis.txt",)])
def test_a_folder_of_other_things_stays_as_it_is(tmp_path: Path, others: tuple[str, ...]) -> None:
    for name in others:
        (tmp_path / name).write_text("mine")

    assert not is_recorded(tmp_path)
    assert open_recorded(Settings(db_path=tmp_path)) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == list(others)


def test_a_process_that_only_records_has_recorded(tmp_path: Path) -> None:
    """It never opens the database."""
    (tmp_path / "journals").mkdir()

    assert is_recorded(tmp_path)


def test_something_else_in_place_of_the_folder_is_left_to_the_store(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a store")

    assert is_recorded(file)


def test_what_was_written_just_now_is_read(tmp_path: Path, make: Maker) -> None:
    folder = tmp_path / "store"
    writer = open_store(folder)
    writer.append(batch_of(make.span()))

    with Invocation(chosen={"db_path": str(folder)}).reading() as store:
        found = store.statistics().spans
    writer.close()

    assert found == 1


class _Damaged(MemoryStore):
    """A store one of whose journals could not be read."""

    def drain(self, *, patience: float = 0.0) -> Lag:
        return Lag(journals=0, bytes=0, damaged=("a.journal",))


def test_a_damaged_journal_is_told_and_the_rest_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    with Invocation(opener=lambda _settings: _Damaged()).reading() as store:
        assert store.statistics().spans == 0

    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert "warning: the journal a.journal" in stderr
    assert "doctor" in stderr


@pytest.mark.parametrize(
    "command",
    [("sessions", "list"), ("search", "order"), ("stats",), ("stats", "--by", "model", "--grain", "day")],
)
def test_every_list_is_empty_where_nothing_is_recorded(tmp_path: Path, command: tuple[str, ...]) -> None:
    folder = tmp_path / "not there"

    result = CliRunner().invoke(program, [*command, "--json", "--db-path", str(folder)])

    assert result.exit_code == 0
    assert result.stdout == '{"items": [], "next": null}\n'
    assert "nothing is recorded yet" in result.stderr
    assert not folder.exists()


def test_a_file_is_no_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agent.py").touch()
    monkeypatch.setenv("AGENTREPLAY_DB", str(tmp_path / "agent.py"))

    with pytest.raises(ValueInvalid, match="which AGENTREPLAY_DB names, is not valid: it is a file; give a folder"):
        _ = Invocation().settings
