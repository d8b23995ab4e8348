"""Every request that the clients know: one description each, whoever sends it."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentreplay.client.ask import Ask, Json, get, path_of, raw, send

__all__ = [
    "UNFINISHED",
    "add_score",
    "ancestors",
    "cancel_job",
    "check",
    "checkpoints",
    "children",
    "compare",
    "content",
    "context",
    "delete_session",
    "descendants",
    "edits",
    "explain",
    "export_session",
    "family",
    "files",
    "fork",
    "gateway_replay",
    "gateway_verdict",
    "import_session",
    "ingest",
    "job",
    "jobs",
    "measures",
    "messages",
    "path",
    "projects",
    "read_trace",
    "ready",
    "remove_score",
    "replay",
    "retell_session",
    "scores",
    "search",
    "session",
    "session_spans",
    "sessions",
    "siblings",
    "span",
    "spans",
    "state",
    "states",
    "statistics",
    "subtree",
    "summary",
    "turn",
    "version",
]

UNFINISHED = frozenset({"waiting", "running"})
"""The status of a job of which more will become."""


def version() -> Ask[Json]:
    """The versions of the server and of what it stands on."""
    return get(path_of("version"))


def ready() -> Ask[Json]:
    """Whether the server takes in and indexes, and how far the index is behind."""
    return get("/readyz")


def projects() -> Ask[Json]:
    """Which projects there are."""
    return get(path_of("projects"))


def sessions(q: str = "", *, project: str | None = None, limit: int = 50, cursor: str | None = None) -> Ask[Json]:
    """A page of sessions, the newest first; `q` is in the filter language."""
    return get(path_of("sessions"), q=q or None, project=project, limit=limit, cursor=cursor)


def session(session: str, *, project: str | None = None) -> Ask[Json]:
    """A session with its summary."""
    return get(path_of("sessions", session), project=project)


def summary(session: str, *, project: str | None = None) -> Ask[Json]:
    """What the spans of a session add up to."""
    return get(path_of("sessions", session, "summary"), project=project)


def family(session: str, *, project: str | None = None) -> Ask[Json]:
    """What a session was forked from, and its forks."""
    return get(path_of("sessions", session, "family"), project=project)


def retell_session(
    session: str,
    *,
    name: str | None = None,
    labels: Mapping[str, str | None] | None = None,
    project: str | None = None,
) -> Ask[Json]:
    """Name and label a session that has ended; a label that is None is taken away."""
    told = {key: value for key, value in {"name": name, "labels": labels}.items() if value is not None}
    return send("PATCH", path_of("sessions", session), told, project=project)


def delete_session(session: str, *, confirm: str, project: str | None = None) -> Ask[Json]:
    """Delete a session with all that only it holds; `confirm` is its id once more, because this is for good."""
    return send("DELETE", path_of("sessions", session), b"", project=project, confirm=confirm)


def scores(session: str, span: str | None = None, *, past: bool = False, project: str | None = None) -> Ask[Json]:
    """The scores of a session and its spans, or of one span, TRACE/SPAN; with `past` every version of them."""
    return get(_scored(session, span), past=past or None, project=project)


def add_score(  # noqa: PLR0913  # each comes by its name
    session: str,
    name: str,
    value: float,
    *,
    span: str | None = None,
    author: str = "",
    comment: str = "",
    project: str | None = None,
) -> Ask[Json]:
    """Score a session, or with `span` one of its spans, TRACE/SPAN, in place of what the author said before."""
    told = {"name": name, "value": value, "author": author, "comment": comment}
    return send("POST", _scored(session, span), told, project=project)


def remove_score(
    session: str, name: str, *, span: str | None = None, author: str = "", project: str | None = None
) -> Ask[Json]:
    """Take back a score. What it was stays in its history."""
    return send("DELETE", _scored(session, span), b"", name=name, author=author or None, project=project)


def session_spans(session: str, *, start: int = 1, limit: int = 1_000, project: str | None = None) -> Ask[Json]:
    """The spans of a session in its order, as light rows from a place on."""
    return get(path_of("sessions", session, "spans"), start=start, limit=limit, project=project)


def export_session(session: str, *, project: str | None = None) -> Ask[bytes]:
    """A session as a tape file."""
    return raw(path_of("sessions", session, "export"), project=project)


def import_session(tape: bytes, *, project: str | None = None) -> Ask[Json]:
    """Add a tape file to the store. Adding it again changes nothing."""
    return send("POST", path_of("import"), tape, project=project)


def spans(q: str = "", *, project: str | None = None, limit: int = 50, cursor: str | None = None) -> Ask[Json]:
    """A page of spans, the newest first; `q` is in the filter language."""
    return get(path_of("spans"), q=q or None, project=project, limit=limit, cursor=cursor)


def span(trace_id: str, span_id: str, *, project: str | None = None) -> Ask[Json]:
    """A span with all that was told of it."""
    return get(path_of("spans", trace_id, span_id), project=project)


def children(
    trace_id: str, span_id: str, *, project: str | None = None, limit: int = 50, cursor: str | None = None
) -> Ask[Json]:
    """The spans right below one."""
    return get(path_of("spans", trace_id, span_id, "children"), project=project, limit=limit, cursor=cursor)


def ancestors(trace_id: str, span_id: str, *, project: str | None = None) -> Ask[Json]:
    """The spans above one, the nearest first."""
    return get(path_of("spans", trace_id, span_id, "ancestors"), project=project)


def descendants(
    trace_id: str, span_id: str, *, project: str | None = None, limit: int = 50, cursor: str | None = None
) -> Ask[Json]:
    """All spans below one."""
    return get(path_of("spans", trace_id, span_id, "descendants"), project=project, limit=limit, cursor=cursor)


def siblings(
    trace_id: str, span_id: str, *, project: str | None = None, limit: int = 50, cursor: str | None = None
) -> Ask[Json]:
    """The other children of a span's parent."""
    return get(path_of("spans", trace_id, span_id, "siblings"), project=project, limit=limit, cursor=cursor)


def subtree(
    trace_id: str, span_id: str, *, project: str | None = None, limit: int = 50, cursor: str | None = None
) -> Ask[Json]:
    """A span and all below it."""
    return get(path_of("spans", trace_id, span_id, "subtree"), project=project, limit=limit, cursor=cursor)


def path(trace_id: str, span_id: str, to: str, *, project: str | None = None) -> Ask[Json]:
    """The way from one span to another of the same trace, or None."""
    return get(path_of("spans", trace_id, span_id, "path"), to=to, project=project)


def messages(
    trace_id: str, span_id: str, *, start: int = 0, limit: int = 1_000, project: str | None = None
) -> Ask[Json]:
    """The messages a model saw, or None."""
    return get(path_of("spans", trace_id, span_id, "messages"), start=start, limit=limit, project=project)


def turn(trace_id: str, span_id: str, *, project: str | None = None) -> Ask[Json]:
    """What changed in the messages since the call before, or None."""
    return get(path_of("spans", trace_id, span_id, "turn"), project=project)


def read_trace(trace_id: str, *, project: str | None = None, limit: int = 50, cursor: str | None = None) -> Ask[Json]:
    """A page of the spans of a trace, the newest first."""
    return get(path_of("traces", trace_id), project=project, limit=limit, cursor=cursor)


def context(context: str, *, start: int = 0, limit: int = 1_000) -> Ask[Json]:
    """The messages of a context."""
    return get(path_of("contexts", context), start=start, limit=limit)


def content(content: str) -> Ask[bytes]:
    """A content by its hash."""
    return raw(path_of("contents", content))


def search(q: str, *, project: str | None = None, limit: int = 50, cursor: str | None = None) -> Ask[Json]:
    """A page of spans that hold words, with the passages they stand in; `q` is in the filter language."""
    return get(path_of("search"), q=q, project=project, limit=limit, cursor=cursor)


def measures(  # noqa: PLR0913  # each argument comes by its name
    *,
    since: str | int | None = None,
    until: str | int | None = None,
    grain: str = "all",
    by: Sequence[str] = (),
    project: str | None = None,
    order: str = "time",
    limit: int = 10_000,
    **only: str,
) -> Ask[Json]:
    """Measures of finished spans; `only` are agent, model, provider, tool, kind and status."""
    period = {"since": since, "until": until, "grain": grain, "order": order, "limit": limit}
    return get(path_of("measures"), **period, by=list(by) or None, project=project, **only)


def compare(before: str, after: str, *, project: str | None = None) -> Ask[Json]:
    """What differs between two sessions, call by call."""
    return get(path_of("compare"), before=before, after=after, project=project)


def explain(session: str, *, project: str | None = None) -> Ask[Json]:
    """How the cost of a session came about: its calls with their tokens and prices, and why each counts or does not."""
    return get(path_of("sessions", session, "cost"), project=project)


def state(session: str, at: int | str = "end", *, project: str | None = None) -> Ask[Json]:
    """A session as it was at a step, at a checkpoint by its name, or at the `end`."""
    return get(path_of("sessions", session, "state"), at=at, project=project)


def states(session: str, *, start: int = 1, limit: int = 50, project: str | None = None) -> Ask[Json]:
    """A page of the states of a session, step by step."""
    return get(path_of("sessions", session, "states"), start=start, limit=limit, project=project)


def checkpoints(session: str, *, limit: int = 50, cursor: str | None = None, project: str | None = None) -> Ask[Json]:
    """A page of the checkpoints of a session, the newest first."""
    return get(path_of("sessions", session, "checkpoints"), limit=limit, cursor=cursor, project=project)


def files(
    session: str, at: int | str = "end", *, start: int = 1, limit: int = 1_000, project: str | None = None
) -> Ask[Json]:
    """A page of what was in the workspace of a session at a step; `content` reads the hash of a file."""
    return get(path_of("sessions", session, "files"), at=at, start=start, limit=limit, project=project)


def edits(session: str, at: int | str = "end", *, project: str | None = None) -> Ask[Json]:
    """The files that a coding agent edits in a session, each as it was at a step."""
    return get(path_of("sessions", session, "edits"), at=at, project=project)


def statistics(*, deep: bool = False) -> Ask[Json]:
    """How much the store holds."""
    return get(path_of("statistics"), deep=deep or None)


def ingest(
    *, spans: Sequence[Mapping[str, Any]] = (), sessions: Sequence[Mapping[str, Any]] = (), project: str | None = None
) -> Ask[Json]:
    """Have sessions and spans taken in, durably, as docs/ingest.md writes them. Doing it again is harmless."""
    told = {"spans": list(spans), "sessions": list(sessions), **({"project": project} if project else {})}
    return send("POST", path_of("ingest"), told)


def replay(
    session: str, *, on_divergence: str = "stop", speed: str = "instant", project: str | None = None
) -> Ask[Json]:
    """Have a session replayed where the server is; returns the job."""
    wish = {"on_divergence": on_divergence, "speed": speed}
    return send("POST", path_of("sessions", session, "replay"), wish, may_repeat=False, project=project)


def fork(  # noqa: PLR0913  # each argument comes by its name
    session: str,
    *,
    at: int | str,
    patches: Mapping[str, Any] | None = None,
    tail: str = "live",
    script: Sequence[Any] = (),
    project: str | None = None,
) -> Ask[Json]:
    """Have a session forked where the server is; returns the job."""
    wish = {"at": at, "patches": patches or {}, "tail": tail, "script": list(script)}
    return send("POST", path_of("sessions", session, "fork"), wish, may_repeat=False, project=project)


def check(  # noqa: PLR0913  # each argument comes by its name
    *,
    labels: Mapping[str, str] | None = None,
    since: int | str | None = None,
    until: int | str | None = None,
    sample: int = 100,
    at_once: int = 1,
    on_divergence: str = "stop",
    patience: float = 60.0,
    project: str | None = None,
) -> Ask[Json]:
    """Have the recorded programs of a project replayed where the server is; returns the job."""
    times = {name: str(time) for name, time in (("since", since), ("until", until)) if time is not None}
    wish = {"labels": labels or {}, "sample": sample, "at_once": at_once, "on_divergence": on_divergence, **times}
    return send("POST", path_of("check"), {**wish, "patience": patience}, may_repeat=False, project=project)


def jobs() -> Ask[Json]:
    """The jobs of the server, the newest first."""
    return get(path_of("jobs"))


def job(job: str) -> Ask[Json]:
    """How far a job is, and what came of it."""
    return get(path_of("jobs", job))


def cancel_job(job: str) -> Ask[Json]:
    """Cancel a job."""
    return send("DELETE", path_of("jobs", job), b"")


def gateway_replay(  # noqa: PLR0913  # each argument comes by its name
    session: str,
    *,
    on_divergence: str = "stop",
    speed: str = "instant",
    at: int | str = "",
    patches: Sequence[str] = (),
    project: str | None = None,
) -> Ask[Json]:
    """Begin to serve a session at addresses of the gateway, to a program of any language; `patches` are like `a=1`."""
    wish = {"session": session, "on_divergence": on_divergence, "at": str(at), "patches": list(patches)}
    told = {**wish, "at_recorded_speed": speed == "recorded", **({"project": project} if project else {})}
    return send("POST", path_of("gateway", "replays"), told, may_repeat=False)


def gateway_verdict(token: str) -> Ask[Json]:
    """How such a replay has come out so far."""
    return get(path_of("gateway", "replays", token, "verdict"))


def _scored(session: str, span: str | None) -> str:
    if span is None:
        return path_of("sessions", session, "scores")
    trace_id, _, span_id = span.partition("/")
    return path_of("spans", trace_id, span_id, "scores")
