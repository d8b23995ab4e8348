"""Where the sessions of one stream draw from: random numbers, text, and what was said before."""

from collections import deque
from random import Random

import msgspec

from agentreplay.model.content import JSON, Content
from agentreplay.model.ids import TenantId
from agentreplay.model.values import Value
from benchmarks.prose import Prose
from benchmarks.shapes import AGENTS, Shapes

__all__ = ["TENANT", "Source", "content_of", "message_of"]

TENANT = TenantId("local")

_POOL = 24_000_000
_PROMPT_VERSIONS = 3


def content_of(value: Value) -> Content:
    """The value as JSON."""
    return Content.of(msgspec.json.encode(value), JSON)


def message_of(role: str, text: str) -> Content:
    """A message as chat models take it."""
    return content_of({"role": role, "content": text})


class Source:
    """Everything a stream draws from; the same number gives the same."""

    def __init__(self, number: int, spans: int) -> None:
        self.random = Random(f"stream {number}")
        self.shapes = Shapes(self.random)
        self.prose = Prose(f"prose {number}", max(400_000, min(_POOL, spans * 150)))
        self.results: deque[Content] = deque(maxlen=500)
        """What tools answered not long ago."""
        self.arguments: deque[Content] = deque(maxlen=500)
        prompts = Prose("prompts", 400_000)
        self.prompts = {
            agent: [message_of("system", prompts.passage(1_500)) for _ in range(_PROMPT_VERSIONS)]
            for agent in AGENTS.items
        }
        """The system prompts of each agent, the same in all streams."""

    def length(self, mean: float, spread: float, most: int = 40_000) -> int:
        """Log-normal lengths in characters."""
        return min(most, 24 + int(mean * self.random.lognormvariate(-spread * spread / 2, spread)))
