"""Which records are meant, as conditions of SQL."""

from typing import Any

import msgspec

from agentreplay.model.memory import MemoryFilter

__all__ = ["conditions"]


def conditions(where: MemoryFilter) -> tuple[str, list[Any]]:
    """The clause on `memory_record` and its values."""
    given: list[tuple[str, list[Any]]] = [
        ("author = ?", [where.author]),
        ("session = ?", [where.session]),
        ("substr(place, 1, length(?)) = ?", [where.place, where.place]),
        ("importance >= ?", [where.importance]),
        ("changed >= ?", [where.since]),
        ("changed < ?", [where.until]),
        ("(valid_from IS NULL OR valid_from <= ?)", [where.valid_at]),
        ("(valid_until IS NULL OR valid_until > ?)", [where.valid_at]),
        # The value as JSON tells true from 1.
        *(
            ("metadata -> ? = ?", [f'$."{name}"', msgspec.json.encode(value).decode()])
            for name, value in where.metadata.items()
        ),
    ]
    meant = [(clause, values) for clause, values in given if values[-1] is not None]
    return " AND ".join(["TRUE", *(clause for clause, _ in meant)]), [value for _, values in meant for value in values]
