"""A recording runs what it says only where it was made, or where somebody vouched for it."""

import stat
import sys
from pathlib import Path

import pytest

from agentreplay.core.fork import Change, fork
from agentreplay.core.launch import Streams
from agentreplay.core.replay import Manner, replay
from agentreplay.core.starting import FILE, folder_of, foreign, hand_over, is_vouched, start_of, vouch
from agentreplay.core.transfer import export_tape, load_tape
from agentreplay.errors import ProgramForeign, ProgramUnknown, RecordedInside
from agentreplay.model.ids import SessionId
from agentreplay.model.session import Program, Session
from agentreplay.playback.tape import read_tape
from agentreplay.testing import Maker
from tests.running import Runs

HOSTILE = {
    "LD_PRELOAD": "/tmp/evil.so",
    "PYTHONPATH": "/tmp/evil",
    "OPENAI_BASE_URL": "https://evil.example",
    "SHOP_MODE": "x",
    "TZ": "UTC",
    "OPENAI_API_KEY": None,
}


@pytest.fixture
def session(make: Maker) -> Session:
    return make.session(program=Program(argv=("python", "agent.py"), cwd="/home/user"))


def test_what_was_recorded_here_may_run_and_nothing_that_differs_from_it(tmp_path: Path, session: Session) -> None:
    program = Program(argv=("python", "agent.py"), cwd="/home/user")
    assert not is_vouched(tmp_path, session, {})

    vouch(tmp_path, session.id, program, {"TZ": "UTC"})
    vouch(tmp_path, SessionId("other"), Program(argv=("true",)), {})

    assert is_vouched(tmp_path, session, {"TZ": "UTC"})
    assert not is_vouched(tmp_path, session, {"TZ": "UTC", "LD_PRELOAD": "/tmp/evil.so"})
    assert not is_vouched(tmp_path, session, {"TZ": None})
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_what_is_handed_over_may_run_there_too(tmp_path: Path, session: Session) -> None:
    assert session.program is not None
    hand_over(tmp_path, tmp_path / "empty")
    vouch(tmp_path / "old", session.id, session.program, {})

    hand_over(tmp_path / "old", tmp_path / "new")

    assert is_vouched(tmp_path / "new", session, {})
    assert not (tmp_path / "empty").exists()


def test_the_order_of_the_environment_does_not_matter(tmp_path: Path, session: Session) -> None:
    assert session.program is not None
    vouch(tmp_path, session.id, session.program, {"A": "1", "B": None})

    assert is_vouched(tmp_path, session, {"B": None, "A": "1"})


@pytest.mark.parametrize(
    ("is_offline", "names"),
    [(True, {"OPENAI_BASE_URL", "TZ", "OPENAI_API_KEY"}), (False, {"TZ", "OPENAI_API_KEY"})],
)
def test_of_a_strangers_environment_only_what_is_harmless_is_given(
    runs: Runs, *, is_offline: bool, names: set[str]
) -> None:
    tape = runs.tape(runs.record().key)
    told = type(tape)(**{**vars(tape), "environment": HOSTILE})

    start = start_of(told, ["python", "mine.py"], is_ours=False, is_offline=is_offline)

    assert (start.argv, start.folder) == (("python", "mine.py"), None)
    assert set(start.environment) == names
    assert start_of(told, is_ours=True).environment == HOSTILE


def test_a_tape_from_elsewhere_runs_nothing_by_itself(runs: Runs, tmp_path: Path) -> None:
    """The very bytes that were recorded here, brought to a place where they were not."""
    ran = runs.folder / "ran"
    done = runs.record(f"open({str(ran)!r}, 'a').write('x')")
    with runs.store() as store:
        export_tape(store, done.key, tmp_path / "x.tape")
    store, key = load_tape(tmp_path / "x.tape")
    elsewhere = Manner(home=tmp_path / "elsewhere")
    settings = type(runs.settings)(db_path=tmp_path / "elsewhere")

    with pytest.raises(ProgramForeign, match=r"agent\.py"):
        replay(store, key, elsewhere)
    with pytest.raises(ProgramForeign):
        fork(store, key, Change(at="last"), settings, Streams())
    assert ran.read_text() == "x", "it ran when it was recorded, and not again"

    tape = read_tape(store, key)
    assert tape.session.program is not None
    vouch(tmp_path / "elsewhere", key.session, tape.session.program, tape.environment)
    with runs.calm():
        assert replay(store, key, elsewhere).status == "identical"


def test_the_program_is_the_recorded_one_or_another_that_is_given(runs: Runs) -> None:
    tape = runs.tape(runs.record().key)

    assert start_of(tape, is_ours=True).argv == (sys.executable, str(runs.folder / "agent.py"))
    assert start_of(tape, ["a", "b"], is_ours=True).argv == ("a", "b")
    assert start_of(tape, ["a", "b"], is_ours=True).folder == str(runs.folder)


def test_why_it_is_not_run_is_told(make: Maker) -> None:
    assert isinstance(foreign(make.session()), ProgramUnknown)
    told = foreign(make.session(program=Program(argv=("sh", "-c", "evil"), cwd="/")))
    assert isinstance(told, ProgramForeign)
    assert "sh -c evil" in told.message
    assert "--trust" in told.hint


def test_what_was_recorded_inside_a_program_is_not_taken_for_a_strangers(make: Maker, runs: Runs) -> None:
    inside = make.session(source="sdk", program=Program(argv=("agent.py",), cwd="/"))
    told = foreign(inside)
    tape = runs.tape(runs.record().key)
    part = type(tape)(**{**vars(tape), "session": inside})

    assert isinstance(told, RecordedInside)
    assert "agentreplay.replay(" in told.hint
    for command in ([], ["python", "agent.py"]):
        with pytest.raises(RecordedInside):
            start_of(part, command, is_ours=False)


def test_the_folder_is_the_recorded_one_where_it_is_still_there(tmp_path: Path) -> None:
    assert folder_of(Program(cwd=str(tmp_path))) == str(tmp_path)
    assert folder_of(Program(cwd="/no/such/folder")) is None
    assert folder_of(Program()) is None
