"""Source code of any language: its blocks begin where something begins at the left, under the name it defines."""

import re
from collections.abc import Iterator, Sequence

from agentreplay.core.documents.chunk import Block

__all__ = ["SUFFIXES", "blocks_of_code"]

SUFFIXES = frozenset(
    "bash c cc cjs clj cpp cs css cts cxx dart ex exs fs go graphql groovy h hpp hs hxx java jl js jsx kt kts less lua "
    "m mjs ml mm mts nim php pl proto ps1 py pyi r rb rs sass scala scss sh sol sql swift tf ts tsx vue zig zsh".split()
)

_DEFINES = re.compile(
    r"^(?:(?:export|default|public|private|protected|static|final|abstract|async|pub(?:\([^)]*\))?|unsafe|extern|inline"
    r"|open|data|sealed|override|virtual|const)\s+)*"
    r"(?:def|class|function|func|fn|struct|enum|trait|impl|interface|type|module|namespace|object|record|message|service"
    r"|const|let|var|CREATE\s+(?:TABLE|VIEW|INDEX|FUNCTION))\s*\*?\s*(?:\([^)]*\)\s*)?(?P<name>[\w.$:<>]+)"
)
_CLOSING = re.compile(r"^[\])}]|^end\b|^(?:else|elif|except|finally|catch|case|default)\b")
_INTRODUCING = re.compile(r"^(?:@|#\[|//|/\*|\*|#(?!!)|--|\"\"\")")


def blocks_of_code(text: str) -> Iterator[Block]:
    """What begins at the left with all that is indented below it; remarks and decorators belong to what follows."""
    held: list[tuple[int, str]] = []
    is_introduction = False
    for number, line in enumerate(text.split("\n"), 1):
        is_left = bool(line.strip()) and not line[0].isspace() and not _CLOSING.match(line)
        begins = (
            is_left and not is_introduction and (_DEFINES.match(line) or _INTRODUCING.match(line) or _is_apart(held))
        )
        if begins and held:
            yield from _block(held)
            held = []
        if line.strip():
            is_introduction = is_left and _INTRODUCING.match(line) is not None
        held.append((number, line.rstrip()))
    yield from _block(held)


def _is_apart(held: Sequence[tuple[int, str]]) -> bool:
    """Whether an empty line ends what was read."""
    return bool(held) and not held[-1][1]


def _block(held: Sequence[tuple[int, str]]) -> Iterator[Block]:
    lines = [(number, line) for number, line in held if line]
    if not lines:
        return
    first, last = lines[0][0], lines[-1][0]
    text = "\n".join(line for number, line in held if first <= number <= last)
    name = next((found["name"] for _, line in lines if (found := _DEFINES.match(line))), "")
    yield Block(text, first, last, name)
