"""`python -m agentreplay.cli` is `agentreplay`."""

from agentreplay.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
