"""The site: all that is written is in it, every link leads somewhere, and nothing is asked of anybody else."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from posixpath import join, normpath

import pytest

from docs.publish import NAVIGATION, ROOT, publish, slug

FOREIGN = re.compile(r"(?:@import|url\()\s*['\"]?(?:https?:)?//|\b(?:fetch|import|XMLHttpRequest|sendBeacon)\(")


class _Reader(HTMLParser):
    """What a page leads to, what it loads, and what can be led to in it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.names |= {told["id"]} if "id" in told else set()
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        self.loads += [told[name] for name in ("src", "srcset") if name in told]
        if tag == "link":
            self.loads.append(told.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    publish(folder)
    return folder


@pytest.mark.slow
def test_every_page_that_is_written_is_in_it_once(site: Path) -> None:
    written = list((ROOT / "docs").rglob("*.md"))
    entries = re.findall(r'<li><a href="([^"]+)"', (site / "index.html").read_text(encoding="utf-8"))

    assert len(entries) == len(set(entries))
    assert len(entries) == len(written) + 2, "with the README and CONTRIBUTING"


@pytest.mark.slow
def test_every_link_leads_somewhere(site: Path) -> None:
    broken = [
        f"{path.relative_to(site).as_posix()}: {target}"
        for path in site.rglob("*.html")
        for target in [*_read(path).links, *_read(path).loads]
        if "://" not in target and not _is_there(site, path, target)
    ]

    assert broken == []


@pytest.mark.slow
def test_nothing_is_asked_of_anybody_else(site: Path) -> None:
    loaded = [target for path in site.rglob("*.html") for target in _read(path).loads]

    assert [target for target in loaded if "://" in target or target.startswith("//")] == []
    for name in ("site.css", "search.js"):
        code = (site / name).read_text(encoding="utf-8").partition("\n")[2]
        assert FOREIGN.search(code) is None, name


@pytest.mark.slow
def test_no_chapter_is_empty(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")

    assert [chapter for chapter in NAVIGATION if f"<summary>{chapter}</summary><ul><li>" not in home] == []


@pytest.mark.parametrize(
    ("heading", "name"),
    [("What is kept", "what-is-kept"), ("`agentreplay run`", "agentreplay-run"), ("A, B & c", "a-b--c")],
)
def test_a_heading_is_named_as_where_the_repository_is_shown(heading: str, name: str) -> None:
    assert slug(heading) == name


@cache
def _read(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def _is_there(site: Path, page: Path, target: str) -> bool:
    path, _, name = target.partition("#")
    at = page.relative_to(site).as_posix()
    found = site / normpath(join(at, "..", path)) if path else page
    return found.is_file() and (not name or found.suffix != ".html" or name in _read(found).names)
