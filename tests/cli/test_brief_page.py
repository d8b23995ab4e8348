"""A brief says what counts, the same each time, and keeps to its budget."""

import pytest

from agentreplay.cli.brief_page import LETTERS_PER_TOKEN, brief
from agentreplay.core.account import Account, account
from agentreplay.core.redact import Redactor
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of
from tests.cli.sessions_told import coding_session

WHOLE = """\
# The parser
session {session}, claude-code, in /srv
2026-01-01 00:00:01+00:00, 7.25 s, running, 8 steps, 1,000 tokens, $0.0030, claude-sonnet-4

## Asked
- Fix the parser <now>. It fails on `a < b`.

## Done
- Bash (2, 1 failed): pytest -q, pytest -q -x
- Edit (2): /srv/parser.py
- Read (1): /srv/parser.py

## Files
- /srv/parser.py: written 2 times

## Went wrong
- step 6: Bash: exit 1

## Open
- step 7: Bash did not end

## Said last
Done; the key was [redacted:openai:{digits}].
"""


def told(make: Maker) -> Account:
    store = MemoryStore()
    store.append(coding_session(make))
    return account(store, SessionKey(make.tenant, make.project, make.session_id), Redactor())


def test_it_says_what_counts() -> None:
    make = Maker()
    text = brief(told(make), 2_000)

    digits = text.rpartition("openai:")[2][:6]
    assert text == WHOLE.format(session=make.session_id, digits=digits)


def test_the_same_session_gives_the_same_text() -> None:
    assert brief(told(Maker()), 300) == brief(told(Maker()), 300)


@pytest.mark.parametrize("tokens", [50, 100, 150, 500, 5_000])
def test_it_keeps_to_its_budget(tokens: int) -> None:
    make = Maker()
    store = MemoryStore()
    for number in range(300):
        store.append(batch_of(make.span(kind="tool", tool=f"tool-{number}", status="error", status_message="x" * 900)))
    long = account(store, SessionKey(make.tenant, make.project, make.session_id), Redactor())

    text = brief(long, tokens)

    assert len(text) <= tokens * LETTERS_PER_TOKEN
    assert text.startswith("# ")


def test_a_session_with_nothing_in_it_has_a_heading() -> None:
    make, store = Maker(), MemoryStore()
    store.append(batch_of(make.session()))
    empty = account(store, SessionKey(make.tenant, make.project, make.session_id), Redactor())

    assert len(brief(empty, 100).splitlines()) == 3
