"""`agentreplay hook` as coding agents run it, many times a session: it keeps what it is told, and is done.

The agent waits for it, so it imports next to nothing, asks nobody, and never fails: what cannot be kept is told on
stderr. What was kept is understood later, by whoever indexes.
"""

import os
import sys
import time

from agentreplay.folders import data_folder
from agentreplay.intake.hooks.payload import pack
from agentreplay.store.journal.packing import HOOK, HOOK_VERSION
from agentreplay.store.journal.posting import post

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LARGEST", "Usage", "main"]

LARGEST = 32 << 20
"""Of an event, so many bytes are kept; the rest is let go, and the frame says so."""

_PIECE = 1 << 16
_OPTIONS = ("--agent", "--db-path", "--project", "--tenant")
_ANSWERS = {"beforeSubmitPrompt": '{"continue": true}\n'}
"""What an event wants to hear; the others want nothing, and some would show the model what they hear."""


class Usage(Exception):
    """The command line is none of ours, or asks for help."""


def main(arguments: "list[str]", environment: "Mapping[str, str]", source: int) -> str:
    """Keep what can be read from a descriptor; returns what the agent is to hear. Raises Usage before it reads."""
    told, event = _read_arguments(arguments)
    try:
        _keep(told, event, environment, source)
    except OSError as error:
        sys.stderr.write(f"agentreplay: the hook's event was not kept: {error}\n")
    return _ANSWERS.get(event, "")


def _keep(told: "dict[str, str]", event: str, environment: "Mapping[str, str]", source: int) -> None:
    body, is_cut = _read(source)
    head = {
        "tenant": told.get("--tenant") or environment.get("AGENTREPLAY_TENANT") or "local",
        "project": told.get("--project") or environment.get("AGENTREPLAY_PROJECT") or "default",
        "content": environment.get("AGENTREPLAY_CONTENT") or "redacted",
        "agent": told.get("--agent", ""),
        "event": event,
        "received": str(time.time_ns()),
        "cut": "1" if is_cut else "",
    }
    folder = told.get("--db-path") or environment.get("AGENTREPLAY_DB") or data_folder(environment)
    is_durable = environment.get("AGENTREPLAY_DURABILITY") == "power"
    post(os.path.expanduser(folder), HOOK, HOOK_VERSION, pack(head, body), durable=is_durable)  # noqa: PTH111  # start-up


def _read_arguments(arguments: "list[str]") -> "tuple[dict[str, str], str]":
    told: dict[str, str] = {}
    events: list[str] = []
    waiting = iter(arguments)
    for word in waiting:
        name, equals, value = word.partition("=")
        if name in _OPTIONS:
            told[name] = value if equals else next(waiting, "")
        elif word.startswith("-") or events:
            raise Usage
        else:
            events.append(word)
    return told, events[0] if events else ""


def _read(source: int) -> "tuple[bytes, bool]":
    pieces: list[bytes] = []
    size = 0
    # Read to the end even where it is too much: an agent that cannot write what it wants to might fail.
    while piece := os.read(source, _PIECE):
        if size < LARGEST:
            pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)[:LARGEST], size > LARGEST
