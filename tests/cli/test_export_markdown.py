"""A session as Markdown: nothing in it breaks out of where it stands."""

from agentreplay.cli.export_markdown import LONGEST, markdown, shown
from agentreplay.core.account import account
from agentreplay.core.redact import Redactor
from agentreplay.intake.dialects.plain import content_of
from agentreplay.model.content import Kept
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of
from tests.cli.sessions_told import SECRET, coding_session


def test_a_session_reads_as_a_page() -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))

    text = markdown(account(store, SessionKey(make.tenant, make.project, make.session_id), Redactor()))

    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# The parser", "## 1. Asked", "## 2. claude-sonnet-4", "## 3. Read", "## 4. Edit", "## 5. Edit",
        "## 6. Bash, failed", "## 7. Bash, not ended", "## 8. claude-sonnet-4",
    ]  # fmt: skip
    assert "> hm\n\nI look.\n" in text
    assert SECRET not in text


def test_what_was_written_breaks_no_fence_and_makes_no_heading() -> None:
    store, make = MemoryStore(), Maker()
    told = content_of("```\n# a heading\n````")
    prompt = content_of("# shout\nplease")
    store.append(
        batch_of(
            make.span(kind="step", kept=(Kept(role="request", hash=prompt.hash),)), prompt,
            make.span(kind="tool", kept=(Kept(role="answer", hash=told.hash),)), told, tenant=make.tenant,
        )
    )  # fmt: skip

    text = markdown(account(store, SessionKey(make.tenant, make.project, make.session_id), Redactor()))

    assert "\n`````\n```\n# a heading\n````\n`````\n" in text
    assert "\n\\# shout\nplease\n" in text


def test_what_is_very_long_is_cut_and_says_so() -> None:
    assert shown("x" * (LONGEST + 1_500)).endswith("x\n… 1,500 more letters")
