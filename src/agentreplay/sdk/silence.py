"""What happens while a call is performed, or is our own doing, is neither recorded nor served."""

from contextvars import ContextVar

__all__ = ["is_silent", "silence"]

_silent: ContextVar[bool] = ContextVar("agentreplay_silent", default=False)


def is_silent() -> bool:
    """Whether what happens now is part of a call that is being performed, or our own doing."""
    return _silent.get()


class silence:  # noqa: N801  # reads as a statement, and costs less than a generator
    """What happens in here is neither recorded nor served; or is again, where a library calls the program back."""

    __slots__ = ("_silent", "_token")

    def __init__(self, *, silent: bool = True) -> None:
        self._silent = silent

    def __enter__(self) -> None:
        self._token = _silent.set(self._silent)

    def __exit__(self, *_: object) -> None:
        _silent.reset(self._token)
