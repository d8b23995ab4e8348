"""`agentreplay brief`."""

import json

from agentreplay.intake.providers import Reply
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, ScriptedModels
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


def test_a_model_that_is_set_puts_it_into_words(run: Run, memory: MemoryStore, make: Maker) -> None:
    memory.append(coding_session(make))
    with ScriptedModels(lambda _asked, _number: Reply(text="The parser is done.")) as models:
        env = {"AGENTREPLAY_MODEL": "ollama/m", "AGENTREPLAY_MODEL_URL": models.url}

        worded = run("brief", make.session_id, "--json", env=env)
        plain = run("brief", make.session_id, "--plain", env=env)
        asked = [str(request.body) for request in models.requests]

    told = json.loads(worded.stdout)
    assert (told["brief"], told["model"]) == ("The parser is done.\n", "ollama/m")
    assert plain.stdout.startswith("# The parser\n")
    assert len(asked) == 1
    assert "# The parser" in asked[0]
    assert SECRET not in asked[0]


def test_a_model_that_does_not_answer_costs_no_brief(run: Run, memory: MemoryStore, make: Maker) -> None:
    memory.append(coding_session(make))
    env = {"AGENTREPLAY_MODEL": "ollama/m", "AGENTREPLAY_MODEL_URL": "http://127.0.0.1:9"}

    found = run("brief", make.session_id, env=env)

    assert found.exit_code == 0
    assert found.stdout.startswith("# The parser\n")
    assert "ollama/m did not answer" in found.stderr
