"""For tests, ours and those of other people's adapters and agents: makers of values, and models with a script."""

from agentreplay.intake.providers import Reply, ToolCall
from agentreplay.testing.loopback import Request
from agentreplay.testing.makers import DURATION, NEW_YEAR, Maker, Thing, batch_of
from agentreplay.testing.models import ScriptedModels
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
    "batch_of",
    "improvise",
]
