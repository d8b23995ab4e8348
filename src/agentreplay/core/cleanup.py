"""What coding agents delete of their own histories: what is about to go, and what is gone and kept here alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from agentreplay.intake.providers.wire import count, mapping, parse
from agentreplay.intake.transcripts.claude_code import CLAUDE_CODE
from agentreplay.model.ids import SessionId
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.store.sqlite.transcripts import Known

__all__ = ["Losses", "kept_for", "losses"]

_USUAL = 30
_SOON = 7
"""So many days before it is deleted, a transcript is told to be about to go."""


class Losses(msgspec.Struct, frozen=True, kw_only=True):
    """The sessions of one agent, by whether the agent has them still."""

    agent: str
    kept: int
    """All that are kept here."""
    soon: tuple[SessionId, ...] = ()
    """Those whose transcript the agent will delete within a week."""
    gone: tuple[SessionId, ...] = ()
    """Those whose transcript is deleted: but for here they would be lost."""
    days: int | None = None
    """After how many days the agent deletes, where it does."""


def kept_for(agent: str, home: Path, environment: Mapping[str, str]) -> int | None:
    """How many days an agent keeps a transcript; None where it deletes none by itself."""
    if agent != CLAUDE_CODE.name:
        return None
    for folder in CLAUDE_CODE.homes(home, environment):
        try:
            told = mapping(parse((folder.parent / "settings.json").read_bytes()))
        except OSError:
            continue
        if "cleanupPeriodDays" in told:
            return count(told["cleanupPeriodDays"])
    return _USUAL


def losses(files: Sequence[Known], home: Path, environment: Mapping[str, str], now: Nanoseconds) -> list[Losses]:
    """What there is to tell of the files that were ever read, agent by agent."""
    found: list[Losses] = []
    for agent in dict.fromkeys(file.reader for file in files):
        own = [file for file in files if file.reader == agent and not file.thread]
        days = kept_for(agent, home, environment)
        limit = None if days is None else now - (days - _SOON) * DAY
        soon = {file.session for file in own if file.gone is None and limit is not None and file.changed < limit}
        there = {file.session for file in own if file.gone is None}
        gone = {file.session for file in own} - there
        kept = len({file.session for file in own})
        found.append(Losses(agent=agent, kept=kept, soon=tuple(sorted(soon)), gone=tuple(sorted(gone)), days=days))
    return found
