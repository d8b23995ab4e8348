"""`agentreplay backup`, on stores on disk."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from click.testing import Result

from agentreplay.store.registry import open_store
from agentreplay.testing import Maker, batch_of

Run = Callable[..., Result]


def test_a_backup_is_a_data_folder(run: Run, make: Maker, tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with closing(open_store(data)) as store:
        store.append(batch_of(make.session(), make.span(), make.span()))

    result = run("backup", str(copy))

    assert (result.exit_code, result.stdout.partition(":")[0]) == (0, f"backed up {data} to {copy}")
    assert f"hint: `agentreplay --db-path {copy} doctor` examines it" in result.stderr
    assert "1 session, 2 spans" in run("doctor", "--db-path", str(copy)).stdout


def test_what_was_copied_is_one_json_document(run: Run, make: Maker, tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "data")) as store:
        store.append(batch_of(make.session(), make.span()))

    told = json.loads(run("backup", "--json", str(tmp_path / "copy")).stdout)

    assert told["target"] == str(tmp_path / "copy")
    assert told["files"] >= 1


def test_a_folder_that_is_taken_is_left_alone(run: Run, make: Maker, tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "data")) as store:
        store.append(batch_of(make.session(), make.span()))
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine").write_bytes(b"mine")

    result = run("backup", str(tmp_path / "copy"))

    assert result.exit_code != 0
    assert "it is not empty; name a new one" in result.stderr
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["mine"]
