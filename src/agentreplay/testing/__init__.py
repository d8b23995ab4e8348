"""For tests, ours and those of other people's adapters and agents: replays, makers of values, scripted models."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentreplay.intake.providers import Reply, ToolCall
    from agentreplay.playback.verdict import Verdict, explain
    from agentreplay.testing.loopback import Request
    from agentreplay.testing.makers import DURATION, NEW_YEAR, Maker, Thing, batch_of, draft_of
    from agentreplay.testing.models import ScriptedModels
    from agentreplay.testing.replaying import replay_tape
    from agentreplay.testing.script import Line, Script, improvise

__all__ = [
    "DURATION",
    "NEW_YEAR",
    "Line",
    "Maker",
    "Reply",
    "Request",
    "Script",
    "ScriptedModels",
    "Thing",
    "ToolCall",
    "Verdict",
    "batch_of",
    "draft_of",
    "explain",
    "improvise",
    "replay_tape",
]

_HOMES = {
    "DURATION": "testing.makers",
    "NEW_YEAR": "testing.makers",
    "Line": "testing.script",
    "Maker": "testing.makers",
    "Reply": "intake.providers",
    "Request": "testing.loopback",
    "Script": "testing.script",
    "ScriptedModels": "testing.models",
    "Thing": "testing.makers",
    "ToolCall": "intake.providers",
    "Verdict": "playback.verdict",
    "batch_of": "testing.makers",
    "draft_of": "testing.makers",
    "explain": "playback.verdict",
    "improvise": "testing.script",
    "replay_tape": "testing.replaying",
}


def __getattr__(name: str) -> object:
    """Load what is asked for when it is asked for: pytest imports this package with its plugin, for every test run."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'agentreplay.testing' has no attribute {name!r}")
    from importlib import import_module  # start-up

    found = getattr(import_module(f"agentreplay.{home}"), name)
    globals()[name] = found
    return found
