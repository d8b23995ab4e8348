"""What goes wrong with what agents remember."""

from agentreplay.errors.families import Conflict, InputInvalid, NotFound

__all__ = [
    "DocumentUnreadable",
    "MemoryChanged",
    "MemoryMissing",
    "MemoryReadOnly",
    "MemoryVersionMissing",
    "ScoreMissing",
]


class MemoryMissing(NotFound):
    """The collection {collection!r} has no record {record!r}."""

    hint = "`agentreplay memory list` shows what it has; `agentreplay memory collections` shows the others"


class ScoreMissing(NotFound):
    """There is no score {name!r} by {author}."""

    hint = "`agentreplay score list` shows what there is, and by whom"


class MemoryReadOnly(InputInvalid):
    """Nothing may be remembered, forgotten or scored here."""

    hint = "`agentreplay mcp` without --read-only may"


class MemoryVersionMissing(NotFound):
    """The record {record!r} has no version {version}."""

    hint = "its versions count from 1; `agentreplay memory history {record}` lists them"


class MemoryChanged(Conflict):
    """The record {record!r} has version {found}, and not {expected} as was expected."""

    hint = "nothing was written; look at it again and repeat what is to be changed"


class DocumentUnreadable(InputInvalid):
    """{place} cannot be ingested: {problem}."""

    hint = "text, Markdown, HTML, source code and PDF can be; leave the others out, or turn them into one of these"
