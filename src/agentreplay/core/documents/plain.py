"""Plain text: its blocks are paragraphs."""

from collections.abc import Iterator

from agentreplay.core.documents.chunk import Block

__all__ = ["blocks_of_text"]


def blocks_of_text(text: str) -> Iterator[Block]:
    """The paragraphs: what stands between empty lines."""
    held: list[str] = []
    first = 1
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            if not held:
                first = number
            held.append(line.rstrip())
        elif held:
            yield Block("\n".join(held), first, number - 1)
            held = []
    if held:
        yield Block("\n".join(held), first, first + len(held) - 1)
