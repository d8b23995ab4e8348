"""What Cursor tells of prompts and calls of tools in its hooks and in its files alike, though it names them in neither.

A hook is told the command, the edits of a file or the arguments of an MCP tool; the file has the call as the model made
it, under a tool's name of its own. Both come to the same deed.
"""

import re
from pathlib import PurePosixPath, PureWindowsPath

from agentreplay.intake.providers.wire import mapping, text
from agentreplay.intake.transcripts.edits import PATHS, is_edit, written
from agentreplay.model.values import Value

__all__ = ["asked_in", "deed_of"]

_ASKED = re.compile(r"<user_query>\s*(.*?)\s*</user_query>", re.DOTALL)


def asked_in(words: str) -> str | None:
    """What the person typed, of a message in which it is marked; None where nothing is."""
    found = _ASKED.search(words)
    return None if found is None else found[1]


def deed_of(tool: str, given: Value) -> tuple[str, Value]:
    """The kind of a deed, and what it was done with."""
    told = mapping(given)
    if command := text(told.get("command")):
        return "shell", command.strip()
    path = next((text(told[name]) for name in PATHS if text(told.get(name))), "")
    if path and (is_edit(tool) or "edits" in told):
        # One of both may tell the whole path, and the other the way from the folder of the project.
        name = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
        return "edit", [name, written(given)]
    return "call", given
