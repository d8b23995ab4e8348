"""The requests about what agents hold to be so, and about their snapshots; see asks.py for all others."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentreplay.client.ask import Ask, Json, get, path_of, send

__all__ = [
    "agent_state",
    "agent_states",
    "commit_facts",
    "compact_facts",
    "diff_facts",
    "diff_snapshots",
    "fact",
    "fact_history",
    "fact_keys",
    "fact_log",
    "facts",
    "snapshot",
    "snapshots",
    "verify_snapshot",
]


def agent_states(*, in_session: str | None = None, project: str | None = None) -> Ask[Json]:
    """Which agents hold facts, by namespace; those that a session wrote to, where one is named."""
    return get(path_of("states"), in_session=in_session, project=project)


def agent_state(  # noqa: PLR0913  # each argument comes by its name
    agent: str,
    *,
    namespace: str = "default",
    position: int | None = None,
    time: int | None = None,
    in_session: str | None = None,
    step: int | None = None,
    project: str | None = None,
) -> Ask[Json]:
    """All facts of an agent: now, at a position, at a time, or when a session began a step."""
    moment = {"position": position, "time": time, "in_session": in_session, "step": step}
    return get(path_of("state"), agent=agent, namespace=namespace, project=project, **moment)


def fact_keys(  # noqa: PLR0913  # as above
    agent: str,
    *,
    namespace: str = "default",
    prefix: str = "",
    limit: int = 50,
    cursor: str | None = None,
    project: str | None = None,
) -> Ask[Json]:
    """A page of the keys under which an agent holds something."""
    page = {"prefix": prefix, "limit": limit, "cursor": cursor, "project": project}
    return get(path_of("state", "keys"), agent=agent, namespace=namespace, **page)


def facts(  # noqa: PLR0913  # as above
    agent: str,
    *,
    namespace: str = "default",
    prefix: str = "",
    limit: int = 50,
    cursor: str | None = None,
    project: str | None = None,
) -> Ask[Json]:
    """A page of the facts of an agent whose keys begin so."""
    page = {"prefix": prefix, "limit": limit, "cursor": cursor, "project": project}
    return get(path_of("state", "facts"), agent=agent, namespace=namespace, **page)


def fact(  # noqa: PLR0913  # as above
    agent: str,
    key: str,
    *,
    namespace: str = "default",
    version: int | None = None,
    position: int | None = None,
    time: int | None = None,
    in_session: str | None = None,
    step: int | None = None,
    project: str | None = None,
) -> Ask[Json]:
    """What a key holds: now, in a version, at a position, at a time, or when a session began a step."""
    moment = {"version": version, "position": position, "time": time, "in_session": in_session, "step": step}
    return get(path_of("state", "fact"), agent=agent, key=key, namespace=namespace, project=project, **moment)


def fact_history(  # noqa: PLR0913  # as above
    agent: str,
    key: str,
    *,
    namespace: str = "default",
    limit: int = 50,
    cursor: str | None = None,
    project: str | None = None,
) -> Ask[Json]:
    """A page of all versions of a fact, the newest first."""
    page = {"limit": limit, "cursor": cursor, "project": project}
    return get(path_of("state", "history"), agent=agent, key=key, namespace=namespace, **page)


def fact_log(  # noqa: PLR0913  # as above
    agent: str,
    *,
    namespace: str = "default",
    behind: int = 0,
    up_to: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
    project: str | None = None,
) -> Ask[Json]:
    """A page of the transactions on the facts of an agent, in their one order."""
    page = {"behind": behind, "up_to": up_to, "limit": limit, "cursor": cursor, "project": project}
    return get(path_of("state", "log"), agent=agent, namespace=namespace, **page)


def diff_facts(
    agent: str, earlier: int, later: int | None = None, *, namespace: str = "default", project: str | None = None
) -> Ask[Json]:
    """Which keys hold something else at one position than at an earlier one."""
    between = {"earlier": earlier, "later": later, "project": project}
    return get(path_of("state", "diff"), agent=agent, namespace=namespace, **between)


def commit_facts(
    operations: Sequence[Mapping[str, Any]], *, idempotency: str = "", project: str | None = None
) -> Ask[Json]:
    """Write facts and delete them, all at once or not at all; docs/state.md tells what an operation is.

    With the same `idempotency` it is done once, however often it is sent.
    """
    wish = {"operations": list(operations), "idempotency": idempotency}
    return send("POST", path_of("state", "transactions"), wish, may_repeat=bool(idempotency), project=project)


def compact_facts(before: int, *, keeping: Sequence[int] = (), project: str | None = None) -> Ask[Json]:
    """Give up the states before a position, except at those that are kept."""
    return send("POST", path_of("state", "compact"), {"before": before, "keeping": list(keeping)}, project=project)


def snapshots(*, agent: str | None = None) -> Ask[Json]:
    """The snapshots where the server looks for them, by name; or those of an agent by time."""
    return get(path_of("snapshots"), agent=agent)


def snapshot(name: str) -> Ask[Json]:
    """What is told of a snapshot."""
    return get(path_of("snapshots", "metadata"), name=name)


def verify_snapshot(name: str) -> Ask[Json]:
    """What is told of a snapshot, every byte of which was proven."""
    return get(path_of("snapshots", "verification"), name=name)


def diff_snapshots(one: str, other: str) -> Ask[Json]:
    """Where the states of two snapshots differ."""
    return get(path_of("snapshots", "difference"), one=one, other=other)
