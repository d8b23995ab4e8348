"""The reference adapter: dictionaries and loops, obviously right rather than fast."""

from agentreplay.store.memory.store import MemoryStore

__all__ = ["MemoryStore"]
