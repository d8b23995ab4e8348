"""What a request of OTLP holds: checked when it comes in, read as a batch when it is indexed."""

from collections.abc import Iterable
from typing import NamedTuple

from agentreplay.errors import AgentReplayError, RequestMalformed
from agentreplay.intake.otlp.logs import logs_in, problem_of_log, read_logs
from agentreplay.intake.otlp.metrics import points_in, problem_of_point, read_metrics
from agentreplay.intake.otlp.sources import Origin
from agentreplay.intake.otlp.spans import problem_of_span, read_spans, spans_in
from agentreplay.intake.otlp.wire import Encoding, Signal, Wire, parse
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.session import Session
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds

__all__ = ["SOURCE", "Checked", "check", "read", "sessions_of"]

SOURCE = "otlp"
"""What sessions that came this way name as their source."""

_ANYBODY = Origin(TenantId("local"), ProjectId("default"), is_told=False)


class Checked(NamedTuple):
    """What a request holds: how much of it is kept and how much is not, and why."""

    kept: int
    rejected: int = 0
    problem: str = ""


def check(signal: Signal, encoding: Encoding, body: bytes) -> Checked:
    """Say what of a request can be kept. Raises RequestMalformed where it makes no sense as a whole.

    What passes here can be read: `read` gives as many spans as are kept.
    """
    message, wire = parse(signal, encoding, body)
    try:
        checked = _count(_problems(signal, message, wire))
        if encoding == "json":
            # Protobuf has no numbers that are none; in JSON they are found by reading all of it.
            _spans(signal, message, wire, _ANYBODY, Nanoseconds(0))
    except (ValueError, OverflowError) as error:
        raise RequestMalformed(problem=str(error)) from error
    except RecursionError:
        raise RequestMalformed(problem="it is nested too deeply") from None
    except RequestMalformed:
        raise
    except AgentReplayError as error:
        raise RequestMalformed(problem=error.message) from error
    return checked


def read(signal: Signal, encoding: Encoding, body: bytes, origin: Origin, received: Nanoseconds) -> Batch:
    """All that can be kept of a request, with the sessions it belongs to."""
    message, wire = parse(signal, encoding, body)
    spans = _spans(signal, message, wire, origin, received)
    return Batch(tenant=origin.tenant, sessions=sessions_of(spans), spans=tuple(spans))


def sessions_of(spans: Iterable[Span]) -> tuple[Session, ...]:
    """The sessions that the spans belong to, as far as they tell."""
    owners = dict.fromkeys([(span.tenant, span.project, span.session) for span in spans])
    return tuple([Session(tenant=tenant, project=project, id=key, source=SOURCE) for tenant, project, key in owners])


def _problems(signal: Signal, message: object, wire: Wire) -> Iterable[str]:
    match signal:
        case "traces":
            return (problem_of_span(span, wire) for span in spans_in(message))
        case "logs":
            return (problem_of_log(record) for record in logs_in(message))
        case "metrics":
            return (problem_of_point(point, resource, wire) for point, resource in points_in(message, wire))


def _count(problems: Iterable[str]) -> Checked:
    kept, found = 0, list[str]()
    for problem in problems:
        if problem:
            found.append(problem)
        else:
            kept += 1
    return Checked(kept, len(found), "; ".join(dict.fromkeys(found)))


def _spans(signal: Signal, message: object, wire: Wire, origin: Origin, received: Nanoseconds) -> list[Span]:
    match signal:
        case "traces":
            return read_spans(message, wire, origin)
        case "logs":
            return read_logs(message, wire, origin, received)
        case "metrics":
            return read_metrics(message, wire, origin, received)
