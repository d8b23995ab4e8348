"""What turns texts into vectors: the port, and the adapters behind it."""

from agentreplay.embeddings.opening import LOCAL, PROVIDERS, open_embedder
from agentreplay.embeddings.protocol import Embedder, Purpose

__all__ = ["LOCAL", "PROVIDERS", "Embedder", "Purpose", "open_embedder"]
