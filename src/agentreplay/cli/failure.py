"""What went wrong, in two lines on stderr and an exit code."""

import os
import sys
import traceback
from contextlib import suppress

import click

from agentreplay.cli import output
from agentreplay.errors import AgentReplayError

__all__ = ["INTERRUPTED", "PIPE_CLOSED", "UNEXPECTED", "USAGE", "tell"]

UNEXPECTED = 1
USAGE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141
"""What a shell sees of a program that SIGPIPE ended, as `agentreplay … | head` does."""

_DEBUG = "AGENTREPLAY_DEBUG"


def tell(error: BaseException) -> int:
    """Say what went wrong and what to do next; returns the exit code."""
    try:
        return _tell(error)
    except BrokenPipeError as closed:
        return _tell(closed)


def _tell(error: BaseException) -> int:
    match error:
        case AgentReplayError():
            _explain(_told(error.message), error.advice)
            _debug(error)
            return error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return USAGE
        case click.ClickException():
            # Choices come in lines and with tabs; here everything that is wrong stands in one line.
            _explain(_told(" ".join(error.format_message().split()).rstrip(".")), _usage(error))
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            output.note("interrupted")
            return INTERRUPTED
        case BrokenPipeError():
            _silence()
            return PIPE_CLOSED
        case _:
            _unexpected(error)
            return UNEXPECTED


def _unexpected(error: BaseException) -> None:
    name = type(error).__name__
    output.fail(f"{name}: {error}" if str(error) else name)
    if not _debug(error):
        output.hint(f"this should not happen; with {_DEBUG}=1 it says where it did, for a report")


def _explain(message: str, advice: str) -> None:
    output.fail(message)
    if advice:
        output.hint(advice)


def _usage(error: click.ClickException) -> str:
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{ctx.command_path} --help` shows what can be given" if ctx is not None else ""


def _told(message: str) -> str:
    """The sentence as it goes on behind `error:`; a name at its beginning stays as it is."""
    first = message.partition(" ")[0]
    return message[:1].lower() + message[1:] if first[1:].islower() or first == "A" else message


def _debug(error: BaseException) -> bool:
    if os.environ.get(_DEBUG, "") in {"", "0"}:
        return False
    sys.stderr.write("".join(traceback.format_exception(error)))
    return True


def _silence() -> None:
    """Nobody reads on. What is still buffered would be written at exit, and fail there with a message."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
