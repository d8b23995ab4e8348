"""`agentreplay replay`: the verdict, for people and for programs."""

import json
import sys
from pathlib import Path

import pytest

from agentreplay.model.ids import ProjectId, SessionId
from agentreplay.model.session import SessionKey
from tests.cli.test_run import agentreplay
from tests.running import SHOP, Runs

pytestmark = pytest.mark.slow


def runs_key(runs: Runs, session: str) -> SessionKey:
    return SessionKey(runs.tenant, ProjectId("default"), SessionId(session))


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


@pytest.fixture
def session(runs: Runs) -> str:
    path = runs.write(SHOP)
    done = agentreplay(runs, "--json", "run", "--", sys.executable, str(path), stdin=b"typed\n")
    return str(json.loads(done.stdout)["session"])


def test_the_same_is_identical_and_exits_with_0(runs: Runs, session: str) -> None:
    done = agentreplay(runs, "replay", session)

    first, proof = done.stdout.decode().splitlines()
    assert first == "identical  2 of 2 calls served"
    assert proof.startswith("proof ")
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_divergence_exits_with_3_and_says_what_to_do(runs: Runs, session: str) -> None:
    runs.write(SHOP.replace('"late "', '"too late "'))

    done = agentreplay(runs, "replay", session)

    told = done.stdout.decode().splitlines()
    assert done.returncode == 3
    assert told[0].startswith("diverged at ")
    assert "(tool refund) asks for something else than recorded" in told[1]
    assert told[3:5] == ['  expected  reason  "late Friday"', '  got       reason  "too late Friday"']
    at = told[0].split()[2]
    assert f"hint: `agentreplay fork {session} --at {at}` goes on from there" in done.stderr.decode()


def test_json_tells_all_of_it(runs: Runs, session: str) -> None:
    runs.write(SHOP.replace('"late "', '"too late "'))

    done = agentreplay(runs, "--json", "replay", session)

    told = json.loads(done.stdout)
    assert (told["status"], told["exit_code"], done.returncode) == ("diverged", 3, 3)
    assert told["divergences"][0]["differences"] == [["body.reason", '"late Friday"', '"too late Friday"']]


def test_what_the_program_writes_is_shown_on_request(runs: Runs, session: str) -> None:
    done = agentreplay(runs, "replay", "--show", session)

    assert done.stdout.startswith(b"it ships on Friday\n")


def test_another_program_can_be_given(runs: Runs, session: str) -> None:
    other = runs.write(SHOP, "moved.py")

    assert agentreplay(runs, "replay", session, "--", sys.executable, str(other)).returncode == 0


def test_a_tape_from_elsewhere_runs_only_what_somebody_answers_for(runs: Runs, session: str, tmp_path: Path) -> None:
    tape, other = tmp_path / "x.tape", Runs(tmp_path / "other")
    other.folder.mkdir()
    assert agentreplay(runs, "export", session, "-o", str(tape)).returncode == 0
    assert agentreplay(other, "import", str(tape)).returncode == 0

    refused = agentreplay(other, "replay", session)
    assert refused.returncode == 2
    assert b"was recorded elsewhere; replaying it would run" in refused.stderr
    assert b"import its tape with --trust" in refused.stderr
    assert agentreplay(other, "replay", session, "--", sys.executable, str(runs.folder / "agent.py")).returncode == 0
    assert json.loads(agentreplay(other, "--json", "check").stdout)["counts"]["unreplayable"] == 1

    assert agentreplay(other, "import", "--trust", str(tape)).returncode == 0
    assert agentreplay(other, "replay", session).returncode == 0


def test_a_session_that_is_not_there_exits_with_5(runs: Runs, session: str) -> None:
    assert agentreplay(runs, "replay", "nothing").returncode == 5


def test_a_fork_is_made_compared_and_shown_in_its_family(runs: Runs, session: str) -> None:
    steps = [one.seq for one in runs.tape(runs_key(runs, session)).calls]

    done = agentreplay(runs, "--json", "fork", session, "--at", str(steps[0]), "--set", "result.ships=Monday")
    forked = json.loads(done.stdout)
    difference = agentreplay(runs, "diff", session, forked["session"])
    tree = agentreplay(runs, "tree", session)

    assert (done.returncode, forked["at"], forked["divergences"]) == (0, steps[0], [])
    assert b"it ships on Monday" in done.stderr
    assert difference.returncode == 1
    assert b"answer body.ships" in difference.stdout
    assert agentreplay(runs, "diff", forked["session"]).stdout == difference.stdout
    assert b"it is no fork" in agentreplay(runs, "diff", session).stderr
    assert agentreplay(runs, "diff", session, session).returncode == 0
    assert [line.split()[0] for line in tree.stdout.decode().splitlines()] == [session, "└"]
    assert len(json.loads(agentreplay(runs, "--json", "tree", session).stdout)["items"]) == 2


def test_a_tree_shows_below_what_each_fork_hangs(runs: Runs, session: str) -> None:
    def fork_of(origin: str) -> str:
        done = agentreplay(runs, "--json", "fork", origin, "--at", "last")
        return str(json.loads(done.stdout)["session"])

    first, second = fork_of(session), fork_of(session)
    below = fork_of(first)
    tree = agentreplay(runs, "tree", session).stdout.decode().splitlines()

    shown = [line.partition("  completed")[0] for line in tree]
    assert shown == [session, f"├ {first}", f"│ └ {below}", f"└ {second}"]


def test_a_fork_that_parts_before_its_step_says_where(runs: Runs, session: str) -> None:
    last = runs.tape(runs_key(runs, session)).calls[-1].seq
    runs.write(SHOP.replace('lookup("7")', 'lookup("8")'))

    done = agentreplay(runs, "fork", session, "--at", str(last))

    assert done.returncode == 3
    assert b"error: the program parted from its recording before it reached step" in done.stderr
    assert b"(tool lookup) asks for something else than recorded" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--at", "999"), 5, "there is no call at step 999"),
        (("--at", "last", "--set", "model=x"), 2, "behind the last call there is none yet"),
        (("--at", "last", "--set", "nonsense"), 2, "it is not PATH=VALUE"),
        (("--at", "last", "--patch", "nowhere.json"), 2, "the patch file nowhere.json"),
        (("--at", "last", "--hybrid", "--script", "x.json"), 2, "give one of them"),
    ],
)
def test_a_fork_that_cannot_be_is_told(
    arguments: tuple[str, ...], code: int, told: str, runs: Runs, session: str
) -> None:
    done = agentreplay(runs, "fork", session, *arguments)

    assert done.returncode == code
    assert told in done.stderr.decode()


def test_a_session_travels_as_a_file(runs: Runs, session: str, tmp_path: Path) -> None:
    tape = tmp_path / "a.tape"

    out = agentreplay(runs, "export", session, "-o", str(tape))
    elsewhere = Runs(tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    into = agentreplay(elsewhere, "import", "--trust", str(tape))
    again = agentreplay(elsewhere, "--json", "import", str(tape))

    assert (out.returncode, into.returncode, again.returncode) == (0, 0, 0)
    assert into.stdout.decode().strip() == session == json.loads(again.stdout)["session"]
    assert agentreplay(elsewhere, "replay", session).returncode == 0
    assert agentreplay(runs, "export", session, "-o", str(tmp_path / "no" / "a.tape")).returncode == 2
    assert agentreplay(elsewhere, "import", str(tmp_path / "none.tape")).returncode == 2
    tape.write_bytes(tape.read_bytes()[:-1])
    assert agentreplay(elsewhere, "import", str(tape)).returncode == 8
