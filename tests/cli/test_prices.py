"""`agentreplay prices`."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_a_price_is_set_shown_and_removed(run: Run) -> None:
    assert run("prices", "set", "mine", "input=3", "output=15").exit_code == 0

    shown = run("prices", "show", "anyone", "mine")
    assert [line.split() for line in shown.stdout.splitlines()[1:]] == [["input", "$3.00"], ["output", "$15.00"]]
    assert json.loads(run("prices", "show", "anyone", "mine", "--json").stdout)["source"] == "own"

    assert "1 price removed" in run("prices", "remove", "mine").stderr
    assert run("prices", "show", "anyone", "mine").exit_code == 5


def test_a_long_context_has_its_price(run: Run) -> None:
    assert "beyond 200,000" in run("prices", "show", "google", "gemini-2.5-pro").stdout


def test_the_models_are_listed(run: Run) -> None:
    found = json.loads(run("prices", "list", "o3-pro", "--json").stdout)["items"]

    assert {"provider": "openai", "model": "o3-pro or o3-pro-2025-06-10", "source": "list"} in found
    assert all("o3-pro" in item["model"] for item in found)


def test_a_file_is_synced(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text(json.dumps({"brand-new": {"litellm_provider": "openai", "input_cost_per_token": 1e-06}}))

    assert "1 model priced" in run("prices", "sync", str(file)).stderr
    assert "$1.00" in run("prices", "show", "openai", "brand-new").stdout


def test_what_makes_no_sense_is_refused(run: Run) -> None:
    for arguments in (("set", "m", "input"), ("set", "m", "lunch=1"), ("sync", "absent.json")):
        assert run("prices", *arguments).exit_code == 2
