"""Writes the documentation as a site: plain pages that ask nobody for anything, and open from a disk.

`python docs/publish.py` writes it to `build/site`, or to the folder it is given.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from itertools import pairwise
from pathlib import Path
from posixpath import join, normpath, relpath
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

__all__ = ["NAVIGATION", "ROOT", "main", "publish", "slug"]

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "docs" / "assets"
SITE = ROOT / "build" / "site"
HOME = "README.md"

NAVIGATION: Mapping[str, Sequence[str]] = {
    "Begin": (HOME, "docs/tutorial.md", "docs/concepts.md", "docs/glossary.md"),
    "Guides": (
        "docs/guides/record.md",
        "docs/guides/regression-tests.md",
        "docs/guides/coding-agents.md",
        "docs/guides/otlp.md",
        "docs/guides/gateway.md",
        "docs/guides/memory.md",
        "docs/guides/state-and-snapshots.md",
        "docs/guides/redaction-and-deletion.md",
        "docs/guides/backup.md",
    ),
    "Coming from": ("docs/coming-from/*.md",),
    "In depth": ("docs/*.md",),
    "What is promised": (
        "docs/durability.md",
        "docs/determinism.md",
        "docs/privacy.md",
        "docs/security.md",
        "docs/evidence.md",
    ),
    "Reference": ("docs/reference/*.md",),
    "Formats": ("docs/format/*.md",),
    "Decisions": ("docs/adr/*.md",),
    "The project": ("docs/dependencies.md", "CONTRIBUTING.md"),
}
"""The pages of each chapter, in order; where a pattern stands, those that no chapter names."""

_ADDRESS = re.compile(r'(?P<name>\b(?:href|src|srcset))="(?P<target>[^"]*)"')
_PICTURES = {".svg", ".webp", ".png"}
_MOST_SEARCHED = 6_000
_LEXERS = {"console": "console", "sh": "bash"}


@dataclass(frozen=True)
class Page:
    """One page of the site, by the path of what it is made from."""

    source: str
    title: str
    tokens: list[Token]

    @property
    def path(self) -> str:
        return _path_of(self.source)


def slug(heading: str) -> str:
    """The name of a heading in an address, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def publish(folder: Path) -> list[str]:
    """Write the site to a folder, in place of what is there; returns the paths of its pages."""
    shutil.rmtree(folder, ignore_errors=True)
    return _Site(folder).write()


def main(arguments: Sequence[str]) -> int:
    """Write the site; returns the exit code."""
    folder = Path(arguments[0]) if arguments else SITE
    pages = publish(folder)
    print(f"wrote {len(pages)} pages; begin with {folder / 'index.html'}")
    return 0


class _Site:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._markdown = MarkdownIt("commonmark", {"html": True, "highlight": _coloured}).enable("table")
        self._markdown.add_render_rule("fence", _named)
        self._template = (ASSETS / "page.html").read_text(encoding="utf-8")
        self._chapters = {chapter: [self._read(source) for source in names] for chapter, names in _chapters()}
        self._sources = {page.source for pages in self._chapters.values() for page in pages}
        self._linked: set[str] = set()

    def write(self) -> list[str]:
        pages = [page for chapter in self._chapters.values() for page in chapter]
        for page in pages:
            body = self._markdown.renderer.render(page.tokens, self._markdown.options, {})
            self._put(page.path, page.title, _ADDRESS.sub(partial(self._led, page), body))
        for linked in sorted(self._linked):
            self._put(f"{linked}.html", linked.removeprefix("source/"), _listing(ROOT / linked.removeprefix("source/")))
        style = "\n".join(
            (
                (ASSETS / "site.css").read_text(encoding="utf-8"),
                HtmlFormatter(style="default").get_style_defs("pre"),
                f"@media (prefers-color-scheme: dark) {{ {HtmlFormatter(style='native').get_style_defs('pre')} }}",
            )
        )
        (self._folder / "site.css").write_text(style, encoding="utf-8")
        words = [{"path": page.path, "title": page.title, "text": _words(page.tokens)} for page in pages]
        found = f"const PAGES = {json.dumps(words, ensure_ascii=False)};\n"
        search = found + (ASSETS / "search.js").read_text(encoding="utf-8")
        (self._folder / "search.js").write_text(search, encoding="utf-8")
        return [page.path for page in pages]

    def _read(self, source: str) -> Page:
        tokens = self._markdown.parse((ROOT / source).read_text(encoding="utf-8"))
        seen: dict[str, int] = {}
        title = ""
        for token, inner in pairwise(tokens):
            if token.type == "heading_open":
                said = _plain(inner)
                name = slug(said)
                token.attrSet("id", name if name not in seen else f"{name}-{seen[name]}")
                seen[name] = seen.get(name, 0) + 1
                title = title or said
        return Page(source, title, tokens)

    def _put(self, path: str, title: str, body: str) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        up = relpath(".", join(".", path).rpartition("/")[0] or ".")
        filled = {"title": escape(title), "up": up, "navigation": self._navigation(path), "body": body}
        text = re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found.group(1)], self._template)
        target.write_text(text, encoding="utf-8")

    def _navigation(self, path: str) -> str:
        return "\n".join(
            f"<details{' open' if chapter == 'Begin' or any(page.path == path for page in pages) else ''}>"
            f"<summary>{escape(chapter)}</summary><ul>{''.join(_entry(page, path) for page in pages)}</ul></details>"
            for chapter, pages in self._chapters.items()
        )

    def _led(self, page: Page, found: re.Match[str]) -> str:
        """An address of a page, as it is in the site: to another page, a picture, or a file of the repository."""
        target, sign, anchor = found["target"].partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return found.group()
        source = normpath(join(page.source, "..", target))
        if source in self._sources:
            path = _path_of(source)
        elif Path(source).suffix in _PICTURES:
            path = source.removeprefix("docs/")
            (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / source, self._folder / path)
        else:
            self._linked.add(f"source/{source}")
            path = f"source/{source}.html"
        led = relpath(path, page.path.rpartition("/")[0] or ".")
        return f'{found["name"]}="{led}{sign}{anchor}"'


def _chapters() -> Iterator[tuple[str, list[str]]]:
    named = {source for names in NAVIGATION.values() for source in names}
    for chapter, names in NAVIGATION.items():
        found: list[str] = []
        for name in names:
            matches = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(name))
            found += [path for path in matches if path == name or path not in named]
        yield chapter, found


def _path_of(source: str) -> str:
    if source == HOME:
        return "index.html"
    return source.removeprefix("docs/").removesuffix(".md").lower() + ".html"


def _entry(page: Page, path: str) -> str:
    led = relpath(page.path, path.rpartition("/")[0] or ".")
    here = ' aria-current="page"' if page.path == path else ""
    return f'<li><a href="{led}"{here}>{escape(page.title)}</a></li>'


def _coloured(code: str, language: str, _attributes: str) -> str:
    """A block of code with its words marked; a language that is not known is left as it is."""
    try:
        lexer = get_lexer_by_name(_LEXERS.get(language, language), stripnl=False)
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))


def _named(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """A block of code, with the name of the file that it is."""
    file = tokens[at].info.strip().partition(" ")[2]
    caption = f'<p class="file">{escape(file)}</p>' if file else ""
    return caption + renderer.fence(tokens, at, options, env)


def _listing(path: Path) -> str:
    """A file of the repository, or what is in a folder of it."""
    if path.is_dir():
        names = sorted(one.name for one in path.iterdir() if not one.name.startswith(("_", ".")))
        return f"<h1>{escape(path.name)}</h1><ul>{''.join(f'<li>{escape(name)}</li>' for name in names)}</ul>"
    text = path.read_text(encoding="utf-8")
    try:
        code = highlight(text, get_lexer_for_filename(path.name), HtmlFormatter(nowrap=True))
    except ClassNotFound:
        code = escape(text)
    return f"<h1>{escape(path.name)}</h1><pre>{code}</pre>"


def _plain(token: Token) -> str:
    """What a heading says, without its markup."""
    kinds = {"text", "code_inline"}
    return "".join(child.content for child in token.children or [] if child.type in kinds)


def _words(tokens: Sequence[Any]) -> str:
    said = " ".join(token.content for token in tokens if token.type in {"inline", "fence"})
    return " ".join(said.split())[:_MOST_SEARCHED]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
