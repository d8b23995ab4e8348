"""Where the plugins for coding agents lie: in an installation beside our modules, in the repository at its root."""

from pathlib import Path

__all__ = ["PLUGINS"]

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "plugins"

PLUGINS = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent.parent / "plugins"
"""The folder with a folder for each, and the file that makes a marketplace of them."""
