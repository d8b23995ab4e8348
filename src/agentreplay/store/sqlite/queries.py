"""Loads the named queries of queries/*.sql.

A file is a list of queries. Each begins with a line `-- name: …` and a sentence that says what it is for.
"""

from functools import cache
from importlib import resources

__all__ = ["queries"]

_MARK = "-- name:"


@cache
def queries(file: str) -> dict[str, str]:
    """The queries of one file by name."""
    text = resources.files("agentreplay.store.sqlite").joinpath("queries", f"{file}.sql").read_text("utf-8")
    found: dict[str, str] = {}
    for part in text.split(_MARK)[1:]:
        name, _, body = part.partition("\n")
        lines = [line for line in body.splitlines() if not line.lstrip().startswith("--")]
        found[name.strip()] = " ".join(" ".join(lines).split())
    return found
