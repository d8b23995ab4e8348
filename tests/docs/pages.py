"""Pages of the documentation that are carried out word for word: what their blocks say to write, run and see."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

__all__ = ["DOCS", "EXECUTED", "SHOWN", "Block", "Command", "blocks", "commands", "seen"]

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXECUTED = [DOCS / "tutorial.md", *sorted((DOCS / "guides").glob("*.md"))]
SHOWN = {"text"}
"""What is only looked at. Everything else is a file, which its name follows, a program, or what a console shows."""

_PROMPT = "$ "
_MORE = "> "
_ANYTHING = "…"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    file: str
    """What to write it to; nothing for a block that is no file."""
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """A line for the shell, and what is to be seen then, with … for what differs from run to run."""

    line: str
    output: str

    @property
    def stays(self) -> bool:
        """Whether it goes on behind the lines that follow."""
        return self.line.rstrip().endswith("&")


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence":
            language, _, file = token.info.strip().partition(" ")
            assert token.map is not None
            yield Block(language, file.strip(), token.content, token.map[0] + 1)


def commands(block: Block) -> list[Command]:
    """What a console block says to type; a line that begins with `> ` goes on with the one before."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith(_PROMPT):
            found.append((line.removeprefix(_PROMPT), []))
        elif line.startswith(_MORE) and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line.removeprefix(_MORE)}", [])
        else:
            found[-1][1].append(line)
    return [Command(line, "\n".join(shown).strip()) for line, shown in found]


def seen(expected: str, output: str) -> bool:
    """Whether the output is what was expected; a … alone on a line stands for any lines."""
    return re.fullmatch(_pattern(expected.splitlines()), _tidy(output)) is not None


def _pattern(lines: Sequence[str]) -> str:
    parts = (
        r"(?:.*\n)*?" if line.strip() == _ANYTHING else re.escape(line.rstrip()).replace(_ANYTHING, ".*?") + r"\n"
        for line in lines
    )
    return "".join(parts)


def _tidy(output: str) -> str:
    text = "\n".join(line.rstrip() for line in output.strip().splitlines())
    return f"{text}\n" if text else ""
