"""The replay engine: what is on a tape, what a program asks of it, where they part, and the verdict. No I/O."""

__all__: list[str] = []
