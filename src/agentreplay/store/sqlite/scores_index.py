"""What is derived from scores, so that sessions and spans are found by them."""

from collections.abc import Sequence

import apsw

from agentreplay.model.fact import Fact
from agentreplay.model.score import score_of
from agentreplay.store.sqlite.facts_rows import operations_of, plain
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rows import span_number

__all__ = ["drop_scores", "index_scores", "reindex_scores", "renew_score"]

_SQL = queries("scores")
_FACTS = queries("facts")


def index_scores(connection: apsw.Connection, state: int, facts: Sequence[Fact]) -> None:
    """Let a session and its spans be found by what these facts say, within the caller's transaction."""
    for fact in facts:
        connection.execute(_SQL["drop"], (state, fact.key))
        given = score_of(fact)
        if given.score is not None:
            trace = None if given.trace_id is None else bytes.fromhex(given.trace_id)
            span = None if given.span_id is None else span_number(given.span_id)
            connection.execute(_SQL["add"], (fact.key, trace, span, given.name, given.score.value, state))


def renew_score(connection: apsw.Connection, state: int, key: str) -> None:
    """Let what was scored be found as the log says now."""
    present = connection.execute(_FACTS["present"], (state, key)).fetchone()
    if present is None:
        connection.execute(_SQL["drop"], (state, key))
        return
    _, version, position, part = present
    [(codec, data, committed)] = connection.execute(_FACTS["part"], (state, position, part))
    [done] = [done for done in operations_of(plain(codec, data)) if (done.key, done.version) == (key, version)]
    index_scores(connection, state, [Fact(key, version, done.value, position, committed, done.is_deleted)])


def drop_scores(connection: apsw.Connection, state: int) -> None:
    """Let nothing be found any more by the scores of a session."""
    connection.execute(_SQL["drop_all"], (state,))


def reindex_scores(connection: apsw.Connection) -> None:
    """Make the index of all scores anew from the log."""
    for (state,) in list(connection.execute(_SQL["all_states"])):
        drop_scores(connection, state)
        for (key,) in list(connection.execute(_SQL["keys"], (state,))):
            renew_score(connection, state, key)
