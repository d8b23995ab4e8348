"""Follows a state on the event loop: what is committed is told within a tenth of a second, and nothing is skipped."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import islice

from agentreplay.model.fact import FactPosition, StateKey, Transaction
from agentreplay.server.readers import in_reader
from agentreplay.store.protocol import Facts

__all__ = ["followed"]

_PAUSE = 0.1
_AT_ONCE = 64


async def followed(facts: Facts, state: StateKey, after: FactPosition | None) -> AsyncGenerator[Transaction]:
    """Yields the transactions on a state behind a position, or from now on, in order and without end."""

    def following(behind: FactPosition) -> list[Transaction]:
        # Whoever listens slowly is asked for no more than it takes.
        return list(islice(facts.read(state, behind), _AT_ONCE))

    seen = await in_reader(facts.position) if after is None else after
    while True:
        found = await in_reader(following, seen)
        for entry in found:
            yield entry
            seen = entry.position
        if not found:
            await asyncio.sleep(_PAUSE)
