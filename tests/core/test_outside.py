"""Programs in any language: which are known, where they are told to ask, and what is told of them."""

from pathlib import Path

import pytest

from agentreplay.core.outside import (
    AGENT_SESSION,
    asks_elsewhere,
    is_known,
    linked,
    new_session,
    same_run,
    telling,
    variables_of,
)
from agentreplay.model.batch import Batch
from agentreplay.model.ids import SessionId
from agentreplay.model.session import Session
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import NEW_YEAR, Maker, batch_of

SECRET = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 2


@pytest.mark.parametrize(
    ("command", "known"),
    [("claude", True), ("/usr/bin/codex", True), ("python", False), ("claude.py", False), ("my-claude", False)],
)
def test_coding_agents_are_known_by_their_names(command: str, known: bool) -> None:  # noqa: FBT001  # an example
    assert is_known([command, "fix it"]) is known


def test_a_program_is_told_of_the_providers_there_are() -> None:
    told = variables_of({"anthropic": "http://127.0.0.1:1/a", "openai": "http://127.0.0.1:1/o/v1"}, {"NO_PROXY": "x"})

    assert told["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:1/a"
    assert told["OPENAI_BASE_URL"] == told["OPENAI_API_BASE"] == "http://127.0.0.1:1/o/v1"
    assert "GOOGLE_GEMINI_BASE_URL" not in told
    assert (told["NO_PROXY"], told["no_proxy"]) == ("x,127.0.0.1,localhost", "127.0.0.1,localhost")


def test_where_it_asked_before_is_where_the_gateway_asks() -> None:
    assert asks_elsewhere({"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "PATH": "/bin"}) == [
        "anthropic=http://127.0.0.1:9"
    ]


def test_the_session_knows_its_program_without_its_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(db_path=tmp_path)
    session = new_session(lambda: NEW_YEAR)

    told = telling(settings, session, ["/opt/claude", "--token", SECRET], None, lambda: NEW_YEAR)

    assert told.program is not None
    assert (told.id, told.agent, told.source, told.program.cwd) == (session, "claude-code", "gateway", str(tmp_path))
    assert SECRET not in " ".join((told.name, *told.program.argv))


def test_what_was_wished_for_counts(tmp_path: Path) -> None:
    settings = Settings(db_path=tmp_path)
    session = new_session(lambda: NEW_YEAR)
    wanted = Session(
        tenant=telling(settings, session, ["x"], None, lambda: 1).tenant,
        project=telling(settings, session, ["x"], None, lambda: 1).project,
        id=session,
        name="mine",
        agent="own",
        labels={"a": "b"},
    )

    told = telling(settings, session, ["claude"], wanted, lambda: NEW_YEAR)

    assert (told.name, told.agent, told.labels, told.revision) == ("mine", "own", {"a": "b"}, NEW_YEAR)


def test_a_run_and_the_agents_own_session_know_of_each_other(make: Maker) -> None:
    store = MemoryStore()
    root = make.span(kind="session", attributes={AGENT_SESSION: "theirs"})
    run = Session(tenant=root.tenant, project=root.project, id=root.session, labels={"a": "b"})
    theirs = Session(tenant=root.tenant, project=root.project, id=SessionId("theirs"))
    store.append(batch_of(root))

    told = linked(store, run)
    store.append(Batch(sessions=(told, theirs)))

    assert told.labels == {"a": "b", AGENT_SESSION: "theirs"}
    assert (same_run(store, told), same_run(store, theirs)) == (["theirs"], [run.id])


def test_a_run_of_which_nothing_else_tells_has_no_label(make: Maker) -> None:
    store = MemoryStore()
    root = make.span(kind="session")
    run = Session(tenant=root.tenant, project=root.project, id=root.session)
    store.append(batch_of(root))

    assert linked(store, run) is run
    assert same_run(store, run) == []
