"""Attributes of other people's modules and classes, replaced and put back."""

from collections.abc import Callable
from typing import Any, cast

__all__ = ["Patches"]

_ABSENT = object()


class Patches:
    """What was replaced, so that it can be put back in reverse order."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def replace(self, holder: Any, name: str, value: Any) -> None:
        """Put a value in place of an attribute; functions keep the name and the signature of what they replace."""
        before = cast("Any", vars(holder)).get(name, _ABSENT)
        original = getattr(holder, name, None)
        if callable(value) and original is not None:
            _dress(value, original)
        setattr(holder, name, value)
        self._undo.append(lambda: delattr(holder, name) if before is _ABSENT else setattr(holder, name, before))

    def later(self, undo: Callable[[], None]) -> None:
        """Do this too when all is put back."""
        self._undo.append(undo)

    def undo(self) -> None:
        """Put everything back."""
        while self._undo:
            self._undo.pop()()


def _dress(value: Any, original: Any) -> None:
    for name in ("__name__", "__qualname__", "__doc__", "__module__"):
        try:
            setattr(value, name, getattr(original, name))
        except (AttributeError, TypeError):
            continue
    try:
        value.__wrapped__ = original
    except (AttributeError, TypeError):
        return
