"""`agentreplay at`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agentreplay.model.checkpoint import CHECKPOINT
from agentreplay.model.content import Content, Kept
from agentreplay.model.fact import Author, Draft, Edit, StateKey, TransactionId
from agentreplay.model.ids import SessionId
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.model.workspace import TREE, TREE_NAME, WORKSPACE, Entry, pack_tree
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import NEW_YEAR, Maker, batch_of

Run = Callable[..., Result]


@pytest.fixture
def session(memory: MemoryStore, make: Maker) -> SessionId:
    spoken = make.conversation("hello")
    whole = make.span(kind="agent", name="whole", agent="clerk", end=NEW_YEAR + 10**12)
    call = make.span(
        whole, kind="llm", name="chat", agent="clerk", model="m-1", context=spoken.ref, usage=Usage(input=1_200),
        cost=NanoDollars(416_000),
    )  # fmt: skip
    memory.append(batch_of(whole, spoken, call, make.span(whole, kind=CHECKPOINT, name="asked"), make.span(whole)))
    return make.session_id


def test_a_step_is_shown_with_what_was_open_and_seen(run: Run, session: SessionId) -> None:
    lines = run("at", session, "asked").stdout.splitlines()

    assert lines[0] == "step 3 of 4: checkpoint asked"
    assert any(line.split()[:2] == ["tokens", "1,200"] for line in lines)
    assert any(line.split()[:4] == ["1", "agent", "whole", "2.00"] for line in lines)
    assert any(line.split()[:3] == ["2", "clerk", "m-1"] for line in lines)


def test_the_end_is_no_step(run: Run, session: SessionId) -> None:
    assert run("at", session, "end").stdout.splitlines()[0] == "the end, behind 4 steps"


def test_programs_get_the_whole_state(run: Run, session: SessionId) -> None:
    state = json.loads(run("at", session, "2", "--json").stdout)

    assert [row["name"] for row in state["open"]] == ["whole", "chat"]
    assert state["summary"]["cost"] == 0
    assert run("at", session, "2", "--expect", state["hash"]).exit_code == 0
    assert run("at", session, "3", "--expect", state["hash"]).exit_code == 1


def test_without_a_place_the_checkpoints_are_listed(
    run: Run, session: SessionId, make: Maker, memory: MemoryStore
) -> None:
    assert run("at", session).stdout.splitlines()[1].split()[:2] == ["3", "asked"]
    told = json.loads(run("at", session, "--json").stdout)
    assert (told["steps"], [row["name"] for row in told["checkpoints"]]) == (4, ["asked"])

    memory.append(batch_of(make.span(session="plain")))
    assert "no checkpoint" in run("at", "plain").stderr


def test_a_place_that_is_not_there_is_said(run: Run, session: SessionId) -> None:
    result = run("at", session, "nowhere")

    assert result.exit_code == 5
    assert "its checkpoints: asked" in result.stderr


def test_files_are_checked_out_as_they_were(run: Run, memory: MemoryStore, make: Maker, tmp_path: Path) -> None:
    data = Content.of(b"hello")
    tree = pack_tree(
        [
            Entry(name="a.txt", kind="file", mode=0o644, size=9, hash=data.hash, is_redacted=True),
            Entry(name="large", kind="left out", why="it is larger than 5 bytes"),
        ]
    )
    first = make.span()
    span = make.span(kind=WORKSPACE, name=TREE_NAME, kept=(Kept(role=TREE, hash=tree.hash),))
    memory.append(batch_of(first, data, tree, span))
    out = tmp_path / "out"

    result = run("at", span.session, "end", "--checkout", str(out))

    assert result.exit_code == 0
    assert (out / "a.txt").read_text(encoding="utf-8") == "hello"
    assert "a.txt is not as it was" in result.stderr
    assert "large was not kept: it is larger than 5 bytes" in result.stderr
    assert run("at", span.session, "end", "--checkout", str(out)).exit_code == 6
    told = json.loads(run("at", span.session, "end", "--checkout", str(out), "--force", "--json").stdout)
    assert told["checkout"]["files"] == 1
    assert run("at", span.session, "1", "--checkout", str(tmp_path / "other")).exit_code == 5
    assert run("at", span.session, "--checkout", str(out)).exit_code == 2


def test_facts_are_shown_and_restored(run: Run, memory: MemoryStore, make: Maker) -> None:
    done = memory.facts.commit(
        Draft(
            tenant=make.tenant,
            project=make.project,
            id=TransactionId("t1"),
            edits=(Edit(namespace="shop", agent="clerk", key="cart", value=["kettle"]),),
            author=Author(session=make.session_id),
        )
    )
    memory.append(batch_of(make.span(start=done.committed, end=done.committed)))

    result = run("at", make.session_id, "1", "--restore", "again")

    assert result.exit_code == 0
    assert "1 key of clerk in shop" in result.stdout
    assert "1 fact restored in namespace again" in result.stderr
    state = StateKey(make.tenant, make.project, "again", "clerk")
    assert memory.facts.whole(state)["cart"].value == ["kettle"]
    assert run("at", make.session_id, "1", "--restore", "again").exit_code == 6
    assert run("at", make.session_id, "end", "--restore", "more").exit_code == 2
    told = json.loads(run("at", make.session_id, "1", "--restore", "third", "--json").stdout)
    assert told["restored"]["operations"][0]["key"] == "cart"


def test_edited_files_are_listed_as_they_were(run: Run, memory: MemoryStore, make: Maker) -> None:
    old, new = Content.of(b"old"), Content.of(b"new")
    kept = (Kept(role="before", hash=old.hash), Kept(role="after", hash=new.hash))
    memory.append(batch_of(make.span(kind="tool", attributes={"file.path": "a.py"}, kept=kept), make.span()))

    first, second = (run("at", make.session_id, step, "--edits").stdout for step in "12")

    assert first.splitlines()[-1].split() == ["-", "a.py", old.hash]
    assert second.splitlines()[-1].split() == ["1", "a.py", new.hash]
    told = json.loads(run("at", make.session_id, "2", "--edits", "--json").stdout)
    assert [one["content"] for one in told["edits"]] == [new.hash]
