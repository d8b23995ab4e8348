"""A session that was recorded with its secrets leaves without them, and is still replayed."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from agentreplay.contents.messages import split
from agentreplay.core.redact import Redactor
from agentreplay.core.redact_tape import redacted_copy
from agentreplay.core.replay import Manner, replay
from agentreplay.core.transfer import export_tape, load_tape
from agentreplay.model.call import Answer
from agentreplay.model.content import Content, Kept
from agentreplay.model.session import SessionKey
from agentreplay.playback.canonical import digest
from agentreplay.playback.tape import CONTENT, Tape, read_tape
from agentreplay.settings import ContentPolicy
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.core.test_redact_program import KEY, SECRETIVE
from tests.running import Runs
from tests.taping import Taping, ask, call, tool

MESSAGES = [{"role": "user", "content": f"my key is {KEY}"}, {"role": "assistant", "content": "thanks " * 200}]


def redactor(salt: bytes, policy: ContentPolicy) -> Redactor:
    return Redactor(policy, salt=salt)


def copied(store: Store, key: SessionKey, policy: ContentPolicy = "redacted") -> MemoryStore:
    return redacted_copy(store, key, policy, redactor)


def whole(store: Store, key: SessionKey, folder: Path) -> bytes:
    """All that is exported of a session."""
    export_tape(store, key, folder / "x.tape")
    return (folder / "x.tape").read_bytes()


@pytest.fixture
def taping() -> Taping:
    return Taping(MemoryStore())


def tape(store: Store, key: SessionKey) -> Tape:
    return read_tape(store, key)


def keep(taping: Taping, **fields: Any) -> SessionKey:
    chat = call("main#1", ask("POST x", "http", model="m", messages=MESSAGES), Answer(body=KEY.encode(), turn=1), seq=2)
    roles = {"stdout": f"it is {KEY}\n".encode(), "stdin": b"password: hunter2\n", "returned": json.dumps(KEY).encode()}
    return taping.keep([chat, tool(2, result={"token": KEY}, order="7")], roles=roles, name=f"with {KEY}", **fields)


def test_no_secret_leaves_and_all_else_does(taping: Taping, tmp_path: Path) -> None:
    key = keep(taping)

    copy = copied(taping.store, key)

    assert KEY.encode() in whole(taping.store, key, tmp_path)
    exported = whole(copy, key, tmp_path)
    assert KEY.encode() not in exported
    assert b"hunter2" not in exported
    before, after = tape(taping.store, key), tape(copy, key)
    assert [one.address for one in after.calls] == [one.address for one in before.calls]
    assert json.loads(after.calls[0].request.body)["messages"][1] == MESSAGES[1]
    assert after.calls[1].request == before.calls[1].request
    assert after.stdin is not None
    assert after.stdin.startswith(b"password: [redacted:named:")
    assert (after.salt, after.outputs.exit_code) == (before.salt, 0)


def test_the_digests_are_those_a_replay_asks_for(taping: Taping) -> None:
    key = keep(taping)

    calls = tape(copied(taping.store, key), key).calls

    assert [one.digest for one in calls] == [digest(one.request) for one in calls]


def test_twice_is_once_and_gives_the_same_bytes(taping: Taping, tmp_path: Path) -> None:
    key = keep(taping)

    once = copied(taping.store, key)

    assert whole(once, key, tmp_path) == whole(copied(once, key), key, tmp_path)
    assert whole(once, key, tmp_path) == whole(copied(taping.store, key), key, tmp_path)


def test_what_holds_no_secret_is_exported_as_it_is(taping: Taping, tmp_path: Path) -> None:
    key = taping.keep([tool(1, result="fine", order="7")])

    assert whole(copied(taping.store, key), key, tmp_path) == whole(taping.store, key, tmp_path)


def test_of_the_structure_no_text_is_left(taping: Taping, tmp_path: Path) -> None:
    key = keep(taping)

    copy = copied(taping.store, key, "structure")

    exported = whole(copy, key, tmp_path)
    assert KEY.encode() not in exported
    assert b"thanks" not in exported
    found = tape(copy, key)
    assert found.content == "structure"
    assert json.loads(found.calls[0].request.body)["messages"][0] == {"role": "user", "content": "[text:59]"}
    assert tape(copied(copy, key), key).content == "structure"


def test_what_others_reported_is_redacted_with_its_conversation(taping: Taping, tmp_path: Path) -> None:
    make = Maker()
    session = make.session()
    talk = split(MESSAGES)
    note = Content.of(json.dumps({"api_key": "abcd-1234"}).encode())
    span = make.span(
        session=session.id, context=talk.ref, kept=(*talk.kept, Kept(role="input", hash=note.hash)), resource={"k": KEY}
    )
    taping.store.append(batch_of(session, span, note, *talk.contents, *talk.links))

    copy = copied(taping.store, session.key)

    exported = whole(copy, session.key, tmp_path)
    assert KEY.encode() not in exported
    assert b"abcd-1234" not in exported
    assert b"thanks thanks" in exported


def test_a_tape_of_full_contents_says_no_more_that_it_is_one(taping: Taping) -> None:
    key = keep(taping, attributes={CONTENT: "full"})

    assert tape(taping.store, key).content == "full"
    assert tape(copied(taping.store, key), key).content == "redacted"


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["full", "redacted"])
def test_a_redacted_tape_of_a_run_comes_out_identical(runs: Runs, policy: ContentPolicy, tmp_path: Path) -> None:
    runs.settings = dataclasses.replace(runs.settings, content=policy)
    done = runs.record(SECRETIVE, stdin=f"{KEY}\n".encode(), arguments=("--api-key", "abcd1234"))
    with runs.store() as store:
        copy = redacted_copy(store, done.key, "redacted", redactor)
        assert replay(store, done.key, Manner(is_trusted=True)).status == "identical"
    export_tape(copy, done.key, tmp_path / "run.tape")
    data = (tmp_path / "run.tape").read_bytes()

    with runs.calm():
        verdict = replay(load_tape(tmp_path / "run.tape")[0], done.key, Manner(is_trusted=True))

    assert KEY.encode() not in data
    assert b"abcd1234" not in data
    assert (verdict.status, verdict.divergences) == ("identical", ())
