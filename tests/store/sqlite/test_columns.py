"""Columns of the embedded store."""

from pathlib import Path

from agentreplay.store.registry import open_store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append, session_key


def test_whoever_reads_columns_first_reads_the_same_again(tmp_path: Path, make: Maker) -> None:
    """Words are looked up at once when they are new, and remembered."""
    spans = [make.span(name=f"step {number}") for number in range(300)]
    store = open_store(str(tmp_path))
    append(store, batch_of(*spans))

    first, again = (store.spans.columns(session_key(spans[0])) for _ in range(2))
    store.close()

    assert first == again
    assert list(first.name.words) == [span.name for span in spans]
    assert list(first.span_id) == [span.span_id for span in spans]
