"""Markdown: its blocks are paragraphs, lists, tables and fenced code, each under its headings."""

import re
from collections.abc import Iterator

from agentreplay.core.documents.chunk import Block

__all__ = ["blocks_of_markdown"]

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_BETWEEN = " > "


def blocks_of_markdown(text: str) -> Iterator[Block]:
    """What stands between empty lines and headings; fenced code is one block, empty lines and all."""
    headings: dict[int, str] = {}
    held: list[tuple[int, str]] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        heading = None if fence else _HEADING.match(line)
        fence = _fence_after(line, fence)
        if heading is None and (line.strip() or fence):
            held.append((number, line.rstrip()))
            continue
        if held:
            yield _block(held, headings)
            held = []
        if heading is not None:
            depth = len(heading[1])
            headings = {level: title for level, title in headings.items() if level < depth} | {depth: heading[2]}
            # The heading is text too: with nothing below it, it would be nowhere.
            held = [(number, line.rstrip())]
    if held:
        yield _block(held, headings)


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open behind a line."""
    found = _FENCE.match(line)
    if found is None:
        return fence
    if not fence:
        return found[1]
    is_end = found[1].startswith(fence) and not line.strip().strip(fence[0])
    return "" if is_end else fence


def _block(held: list[tuple[int, str]], headings: dict[int, str]) -> Block:
    heading = _BETWEEN.join(headings[level] for level in sorted(headings))
    return Block("\n".join(line for _, line in held), held[0][0], held[-1][0], heading)
