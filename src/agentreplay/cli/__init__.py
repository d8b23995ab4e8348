"""The command line. Importing it costs nothing; what a command needs is loaded when it runs."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line, as `agentreplay` in a terminal does."""
    try:
        if sys.argv[1:2] == ["hook"] and _was_kept(sys.argv[2:]):
            return
        from agentreplay.cli.program import program  # start-up

        program.main(prog_name="agentreplay")
    except KeyboardInterrupt:
        sys.exit(130)  # too early for cli.failure to say so


def _was_kept(arguments: list[str]) -> bool:
    """A coding agent waits for its hook, which therefore loads nothing it does not need."""
    import os  # start-up

    from agentreplay.cli import hook_entry  # start-up

    if os.isatty(0):
        return False
    try:
        sys.stdout.write(hook_entry.main(arguments, os.environ, 0))
    except hook_entry.Usage:
        return False
    return True
