"""Vectors by key, the nearest found again: the port, and the index behind it."""

from agentreplay.vectors.opening import open_index, rebuild_index
from agentreplay.vectors.protocol import Found, VectorIndex

__all__ = ["Found", "VectorIndex", "open_index", "rebuild_index"]
