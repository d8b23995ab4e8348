"""A session as one HTML file: whole in itself, and what stands in the recording is only text."""

import re
from html import unescape
from html.parser import HTMLParser

from agentreplay.cli.export_html import page
from agentreplay.core.account import account
from agentreplay.core.redact import Redactor
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.cli.sessions_told import SECRET, coding_session


def made() -> str:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    return page(account(store, SessionKey(make.tenant, make.project, make.session_id), Redactor()))


class Tags(HTMLParser):
    """Which tags there are, and what they are told."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_every_step_is_in_it_even_without_a_script() -> None:
    text = made()
    tags = Tags()
    tags.feed(text)

    assert tags.found.count("article") == 8
    assert "Fix the parser <now>.\nIt fails on `a < b`." in unescape(text)
    assert SECRET not in text


def test_it_asks_nobody_for_anything() -> None:
    text = made()
    tags = Tags()
    tags.feed(text)

    assert {"src", "href", "action", "srcset"}.isdisjoint(tags.attributes)
    assert "url(" not in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text


def test_what_was_recorded_ends_no_script_and_begins_none() -> None:
    """The session holds `</script>`, as sessions of people who write web pages do."""
    text = made()
    tags = Tags()
    tags.feed(text)

    assert tags.found.count("script") == 1
    assert text.count("</script>") == 1
    assert len(re.findall(r"sha256-[\w+/=]{44}", text)) == 2
