"""What was asked, said and done in a session, whoever recorded it."""

from agentreplay.core.account import account
from agentreplay.core.redact import Redactor
from agentreplay.model.content import Content, Kept
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of
from tests.cli.sessions_told import SECRET, coding_session


def key_of(make: Maker) -> SessionKey:
    return SessionKey(make.tenant, make.project, make.session_id)


def test_a_coding_session_is_told_in_order() -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))

    told = account(store, key_of(make), Redactor()).entries

    assert [(entry.kind, entry.title) for entry in told] == [
        ("prompt", ""),
        ("answer", "claude-sonnet-4"),
        ("tool", "Read"),
        ("tool", "Edit"),
        ("tool", "Edit"),
        ("tool", "Bash"),
        ("tool", "Bash"),
        ("answer", "claude-sonnet-4"),
    ]
    assert told[0].text.startswith("Fix the parser <now>.")
    assert (told[1].text, told[1].thought, told[1].usage.input) == ("I look.", "hm", 1_000)
    assert (told[3].files, told[3].writes, told[2].writes) == (("/srv/parser.py",), True, False)
    assert (told[5].status, told[5].text, told[5].answer) == ("error", "exit 1", "1 failed")
    assert told[6].end is None
    assert SECRET not in told[-1].text


def test_it_may_be_cut_behind_a_step() -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))

    assert [entry.seq for entry in account(store, key_of(make), Redactor(), until=3).entries] == [1, 2, 3]


def test_where_nobody_tells_of_prompts_they_are_what_the_model_was_told_anew() -> None:
    store, make = MemoryStore(), Maker()
    first = make.conversation("what is 2 and 2?")
    second = make.conversation("what is 2 and 2?", "4", "and 3 more?")
    store.append(
        batch_of(
            make.span(kind="llm", context=first.ref), first, make.span(kind="llm", context=second.ref), second,
            tenant=make.tenant,
        )
    )  # fmt: skip

    told = account(store, key_of(make), Redactor()).entries

    assert [entry.text for entry in told if entry.kind == "prompt"] == ["what is 2 and 2?", "and 3 more?"]


def test_a_patch_names_its_files() -> None:
    store, make = MemoryStore(), Maker()
    patch = Content.of(
        b"*** Begin Patch\n*** Update File: a.py\n-x\n*** Add File: b.py\n+y\n*** End Patch", "text/plain"
    )
    span = make.span(kind="tool", tool="apply_patch", kept=(Kept(role="request", hash=patch.hash),))
    store.append(batch_of(span, patch))

    (entry,) = account(store, key_of(make), Redactor()).entries

    assert (entry.files, entry.writes) == (("a.py", "b.py"), True)


def test_what_was_deleted_leaves_the_rest_to_be_told() -> None:
    store, make = MemoryStore(), Maker()
    call = {"agentreplay.call": {"path": "main", "ordinal": 1, "digest": ""}}
    store.append(batch_of(make.span(kind="llm", model="m", attributes=call), make.span(kind="tool", attributes=call)))

    assert [entry.kind for entry in account(store, key_of(make), Redactor()).entries] == ["answer", "tool"]
