"""Terminals for programs that write to one: of the right size, and with every byte passed on as it was written."""

import os
import sys
from contextlib import suppress

from agentreplay.playback.tape import Size

__all__ = ["is_terminal", "open_terminal", "resize", "size_of"]

_USUAL = Size(24, 80)

if sys.platform == "win32":

    def open_terminal(size: Size) -> tuple[int, int]:
        """A pipe: there are no pseudo-terminals to be had here."""
        del size
        return os.pipe()

    def resize(descriptor: int, size: Size) -> None:
        """Nothing to do for a pipe."""

else:
    import fcntl
    import pty
    import struct
    import termios

    _OUTPUT_FLAGS = 1

    def open_terminal(size: Size) -> tuple[int, int]:
        """Our end and the program's end of a terminal that changes nothing of what is written to it."""
        ours, theirs = pty.openpty()
        modes = termios.tcgetattr(theirs)
        modes[_OUTPUT_FLAGS] &= ~termios.OPOST
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
        resize(theirs, size)
        return ours, theirs

    def resize(descriptor: int, size: Size) -> None:
        """Tell the terminal, and the program that uses it, how large it is now."""
        with suppress(OSError):
            fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))


def is_terminal(descriptor: int | None) -> bool:
    """Whether the descriptor is that of a terminal."""
    try:
        return descriptor is not None and os.isatty(descriptor)
    except OSError:
        return False


def size_of(descriptor: int) -> Size:
    """How large the terminal is."""
    try:
        found = os.get_terminal_size(descriptor)
    except OSError:
        return _USUAL
    return Size(found.lines, found.columns) if found.columns else _USUAL
