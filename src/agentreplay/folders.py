"""Where the data folder is by default, and how such folders are made.

Imports next to nothing: a hook asks before anything else is loaded.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

__all__ = ["data_folder", "make_private"]


def data_folder(environment: "Mapping[str, str]") -> str:
    """The platform's place for user data."""
    home = os.path.expanduser("~")  # noqa: PTH111  # pathlib would take longer than all the rest
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "agentreplay")  # noqa: PTH118  # as above
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")  # noqa: PTH118  # as above
        return os.path.join(local, "agentreplay")  # noqa: PTH118  # as above
    shared = environment.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")  # noqa: PTH118  # as above
    return os.path.join(shared, "agentreplay")  # noqa: PTH118  # as above


def make_private(folder: "str | PathLike[str]") -> None:
    """Make the folder for its owner alone, and so each above it that is missing. One that is there stays as it is."""
    place = os.fspath(folder)
    try:
        os.mkdir(place, 0o700)  # noqa: PTH102  # as above
    except FileNotFoundError:
        above = os.path.dirname(place)  # noqa: PTH120  # as above
        if above in {"", place}:
            raise
        make_private(above)
        make_private(place)
    except FileExistsError:
        if not os.path.isdir(place):  # noqa: PTH112  # as above
            raise
