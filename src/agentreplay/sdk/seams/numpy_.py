"""numpy: the hidden generator behind `numpy.random`.

Every other generator takes its entropy from `secrets`, so its seed is read where the seam of chance stands.
"""

from types import ModuleType
from typing import Any

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.scope import boundary

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Begin with the state that the hidden generator had when it was recorded."""
    del patches
    found = boundary()
    if found is None:
        return

    def state() -> list[Any]:
        kind, keys, place, has_gauss, gauss = library.get_state()
        return [str(kind), [int(key) for key in keys], int(place), int(has_gauss), float(gauss)]

    # It was seeded when numpy was imported, or by the program since: its state is kept, not replaced.
    at_import = compile("", library.__file__ or "numpy", "exec")
    told = found.read("numpy.random state", at_import, state)
    if found.player is not None:
        library.set_state(tuple(told))
