"""`agentreplay check`."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of
from tests.desk import ORDERS, Desk

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


def keep_broken(memory: MemoryStore, make: Maker) -> str:
    """A session that nobody knows the program of."""
    session = make.session(source="run", status="completed", labels={"team": "care"})
    memory.append(batch_of(session, make.span()))
    return session.id


def test_each_session_has_a_line_and_what_parted_is_told(run: Run, memory: MemoryStore, desk: Desk) -> None:
    for name in ("agent.py", "other.py"):
        desk.write(name, ORDERS)
        desk.hand_over(desk.record(name), memory)
    desk.write("other.py", ORDERS.replace("(7, 8)", "(7, 9)"))
    reports = desk.folder / "reports"

    result = run("check", "--junit", str(reports / "junit.xml"), "--html", str(reports / "page.html"), "--jobs", "2")

    assert result.exit_code == 3
    assert "identical" in result.stdout
    assert "expected  number  8" in result.stdout
    assert "2 sessions: 1 identical, 1 diverged" in result.stderr
    assert ET.fromstring((reports / "junit.xml").read_text()).attrib["failures"] == "1"
    assert "number" in (reports / "page.html").read_text()


def test_a_program_reads_one_document(run: Run, memory: MemoryStore, make: Maker) -> None:
    session = keep_broken(memory, make)

    result = run("--json", "check")

    assert result.exit_code == 4
    told = json.loads(result.stdout)
    assert told["counts"] == {"identical": 0, "drift": 0, "diverged": 0, "hung": 0, "unreplayable": 1}
    assert told["exit_code"] == 4
    assert told["items"][0]["session"] == session
    assert "program" in told["items"][0]["why"]


def test_labels_choose(run: Run, memory: MemoryStore, make: Maker) -> None:
    keep_broken(memory, make)

    assert run("check", "--label", "team=care").exit_code == 4
    assert run("check", "--label", "team=care", "--label", "stage=late").exit_code == 0


def test_finding_nothing_is_no_failure(run: Run) -> None:
    result = run("check")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "no such recording" in result.stderr


def test_a_report_that_cannot_be_written_is_refused_before_anything_runs(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert run("check", "--junit", str(tmp_path)).exit_code == 2
    assert run("check", "--html", str(tmp_path / "file" / "page.html")).exit_code == 2
