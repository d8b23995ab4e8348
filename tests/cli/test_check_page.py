"""The page of `agentreplay check`."""

from html.parser import HTMLParser

from agentreplay.cli.check_page import page
from agentreplay.core.check import Checked
from agentreplay.model.ids import SessionId
from agentreplay.testing import NEW_YEAR


class Reader(HTMLParser):
    """What stands in a page."""

    VOID = frozenset({"meta"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_was_recorded_is_text_and_nothing_is_fetched_or_run() -> None:
    hostile = "<script>alert(1)</script><img src=https://example.org/x onerror='alert(2)'>"
    item = Checked(
        session=SessionId("x"),
        name=hostile,
        source="run",
        started=NEW_YEAR,
        status="diverged",
        diverged_at=3,
        told=("diverged at 3", hostile, "</pre>"),
    )

    found = Reader(page([item], "demo<b>", NEW_YEAR))

    assert found.open == []
    assert hostile in found.text
    assert not {"script", "img", "link", "iframe", "a", "form"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in {"src", "href", "style"}]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in found.attributes


def test_what_needs_a_look_comes_first() -> None:
    items = [
        Checked(session=SessionId(status), name="", source="run", started=NEW_YEAR, status=status)
        for status in ("identical", "drift", "unreplayable", "diverged")
    ]

    text = Reader(page(items, "demo", NEW_YEAR)).text

    places = [text.rindex(status) for status in ("diverged", "unreplayable", "drift", "identical")]
    assert places == sorted(places)


def test_no_sessions_are_said_to_be_none() -> None:
    assert "no sessions" in Reader(page([], "demo", NEW_YEAR)).text
