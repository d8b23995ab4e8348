"""What a question about one dimension costs grows with the values of that dimension, and not with all combinations."""

from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from agentreplay.model.measure import Dimension, MeasureQuery
from agentreplay.model.time import DAY, HOUR, Nanoseconds
from agentreplay.store.sqlite.measures import measure
from agentreplay.store.sqlite.readers import Readers
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.store.observation import append

DAYS = 3
FEW, MANY = 4, 100


def steps(folder: Path, query: MeasureQuery) -> int:
    """How many instructions of its virtual machine SQLite carries out for the answer."""
    counted = list[int]()

    def count(profile: dict[str, Any]) -> None:
        counted.append(profile["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"])

    with closing(Readers(folder)) as readers, readers.reading() as reader:
        reader.connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, count)
        assert len(measure(reader, query)) == (2 if query.by else 1)
    return sum(counted)


@pytest.mark.parametrize("by", [(), ("model",), ("provider",), ("status",)])
@pytest.mark.parametrize("since", [NEW_YEAR, NEW_YEAR + HOUR], ids=["days", "and hours"])
def test_combinations_cost_nothing_where_one_dimension_is_asked_for(
    make: Maker, tmp_path: Path, by: tuple[Dimension, ...], since: int
) -> None:
    for agents in (FEW, MANY):
        spans = [
            make.span(
                start=NEW_YEAR + day * DAY + 5 * HOUR,
                agent=f"agent {agent}",
                model=f"model {agent % 2}",
                provider=f"provider {agent % 2}",
                status="ok" if agent % 2 else "error",
            )
            for day in range(DAYS)
            for agent in range(agents)
        ]
        with closing(SqliteStore(tmp_path / str(agents))) as store:
            append(store, batch_of(*spans))
    query = MeasureQuery(
        tenant=make.tenant,
        project=make.project,
        since=Nanoseconds(since),
        until=Nanoseconds(NEW_YEAR + DAYS * DAY),
        by=by,
    )

    few, many = (steps(tmp_path / str(agents), query) for agents in (FEW, MANY))

    assert many < 2 * few
