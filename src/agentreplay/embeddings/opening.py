"""Opens embeddings by their name."""

from collections.abc import Mapping
from pathlib import Path

from agentreplay.embeddings.protocol import Embedder
from agentreplay.errors import ExtraMissing, ModelUnknown

__all__ = ["LOCAL", "PROVIDERS", "open_embedder"]

LOCAL = "local/all-minilm-l6-v2"
PROVIDERS = ("openai", "google", "ollama", "cohere")


def open_embedder(name: str, models: Path, environment: Mapping[str, str], address: str = "") -> Embedder:
    """The embeddings of a name: the local model, from the folder of models, or `PROVIDER/MODEL`.

    Raises ModelMissing where the local one is not installed, EmbeddingsRefused where there is no key.
    """
    provider, _, model = name.partition("/")
    if name != LOCAL and (provider not in PROVIDERS or not model):
        known = f"{LOCAL}, or MODEL of a provider: {', '.join(f'{one}/MODEL' for one in PROVIDERS)}"
        raise ModelUnknown(model=name, problem=f"known are {known}")
    try:
        if name == LOCAL:
            from agentreplay.embeddings.local import LocalEmbedder  # optional extra

            return LocalEmbedder(name, models / model)
        from agentreplay.embeddings.endpoint import Endpoint  # optional extra
    except ModuleNotFoundError as error:
        if error.name not in {"numpy", "threadpoolctl"}:
            raise
        raise ExtraMissing(what="search by meaning", package="numpy", extra="memory") from error
    return Endpoint(provider, model, environment, address)
