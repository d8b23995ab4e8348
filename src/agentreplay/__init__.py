"""A flight recorder for AI agents: record, replay, look, learn."""

__all__ = ["__version__"]

# A literal, because reading it from the installed metadata would cost more than the rest of the import.
__version__ = "0.1.0"
