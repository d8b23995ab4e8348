"""The command line. Importing it costs nothing; what a command needs is loaded when it runs."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line, as `agentreplay` in a terminal does."""
    try:
        from agentreplay.cli.program import program  # start-up

        program.main(prog_name="agentreplay")
    except KeyboardInterrupt:
        sys.exit(130)  # too early for cli.failure to say so
