"""Errors about files that are read and written for people and for coding agents."""

from agentreplay.errors.families import Conflict, InputInvalid

__all__ = [
    "AlreadyConnected",
    "ConfigurationUnusable",
    "FileInTheWay",
    "FileUnwritable",
    "TranscriptUnreadable",
]


class AlreadyConnected(Conflict):
    """{agent} is connected already: {path} enables our plugin, whose hooks would run beside these."""

    hint = "leave it at that, or disable the plugin first"


class ConfigurationUnusable(InputInvalid):
    """The configuration {path} was not changed: {problem}."""

    hint = "mend it and try again; nothing was written"


class FileInTheWay(Conflict):
    """The file {path} is there already."""

    hint = "--force writes over it; or choose another name"


class FileUnwritable(InputInvalid):
    """The file {path} cannot be written: {problem}."""

    hint = "choose another file with -o"


class TranscriptUnreadable(InputInvalid):
    """The transcript {path} cannot be read: {problem}."""

    hint = "docs/coding-agents.md lists what is read"
