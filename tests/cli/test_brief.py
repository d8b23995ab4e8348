"""`agentreplay brief`."""

import json

from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.cli.conftest import Run
from tests.cli.sessions_told import SECRET, coding_session


def test_it_is_printed_for_people_and_for_programs(run: Run, memory: MemoryStore, make: Maker) -> None:
    memory.append(coding_session(make))

    plain, told = run("brief", make.session_id), run("brief", make.session_id, "--json", "--until", "2")

    assert plain.exit_code == told.exit_code == 0
    assert plain.stdout.startswith("# The parser\n")
    assert SECRET not in plain.stdout
    assert "Told up to step 2." in json.loads(told.stdout)["brief"]


def test_what_is_remembered_of_the_last_request_stands_at_its_end(run: Run, memory: MemoryStore, make: Maker) -> None:
    memory.append(coding_session(make))
    run("memory", "add", "The parser is tested with make fast")
    run("memory", "add", "Lunch is at noon")

    text = run("brief", make.session_id).stdout

    assert "## Remembered\n- The parser is tested with make fast (memory " in text
    assert "noon" not in text
