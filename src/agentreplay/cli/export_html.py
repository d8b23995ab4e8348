"""A session as one HTML file that asks nobody for anything: to read, and to go through step by step.

Whatever stands in the recording is text in it and nothing else; the page forbids its reader's browser to load
anything, and to run any script but the one that is in it.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from pathlib import Path

from agentreplay.cli import output
from agentreplay.cli.export_markdown import facts_of, heading_of, shown
from agentreplay.core.account import Account, Entry
from agentreplay.model.values import Value

__all__ = ["page"]

_HERE = Path(__file__).parent
_SHORT = 400
"""A text that is longer is folded away."""
_BUTTONS = ("First", "Back", "Play", "On", "Last")


def page(account: Account) -> str:
    """The whole file."""
    style, script = ((_HERE / f"player.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    name = escape(output.clean(account.row.session.name) or account.row.session.id)
    policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    buttons = "".join(f"<button>{button}</button>" for button in _BUTTONS)
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{name}</title>",
            f"<style>{style}</style>",
            f"<header><h1>{name}</h1><p>{escape(', '.join(facts_of(account)))}</p></header>",
            f'<nav hidden>{buttons}<input type="range" min="0" aria-label="step"><output></output></nav>',
            "<main>",
            *(_article(entry) for entry in account.entries),
            "</main>",
            f"<script>{script}</script>",
            "</html>",
            "",
        ]
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _article(entry: Entry) -> str:
    failed = ' class="error"' if entry.status == "error" else ""
    heading = f"<h2><small>{entry.seq}</small> {escape(heading_of(entry))}</h2>"
    return (
        f'<article{failed} data-kind="{entry.kind}" data-time="{entry.time // 1_000_000}">{heading}'
        f"{''.join(_parts(entry))}</article>"
    )


def _parts(entry: Entry) -> Iterator[str]:
    if entry.thought:
        yield f'<pre class="thought">{escape(shown(entry.thought))}</pre>'
    if entry.text:
        yield f'<pre class="said">{escape(shown(entry.text))}</pre>'
    for title, value in (("given", entry.request), ("came back", entry.answer)):
        yield from _folded(title, value)


def _folded(title: str, value: Value) -> Iterator[str]:
    text = shown(value)
    if text:
        is_open = " open" if len(text) <= _SHORT else ""
        yield f"<details{is_open}><summary>{title}</summary><pre>{escape(text)}</pre></details>"
