"""Asks before what cannot be taken back."""

import sys

import click

__all__ = ["YES", "agrees"]

YES = click.option("--yes", is_flag=True, help="Do not ask.")


def agrees(question: str, deed: str) -> bool:
    """Ask on stderr, because stdout is for what programs read. Where nobody answers, nothing is done."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        sys.stderr.write("\n")
        raise click.UsageError(f"there is nobody to ask whether to {deed}; --yes answers beforehand")
    return answer.strip().lower() in {"y", "yes"}
