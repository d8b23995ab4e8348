"""The filter language, for whoever helps a person to type it."""

from typing import Annotated

from msgspec import Meta

from agentreplay.core.filter_completion import Completion, complete, known_values
from agentreplay.core.filter_fields import Field, Subject, fields_of
from agentreplay.model.page import Page
from agentreplay.server.asking import Place
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "complete_filter", "list_fields"]

_Subject = Annotated[Subject, Meta(description="What the filter is about.")]


@reads("/filters/fields", tag="filters", summary="The fields a filter can speak of")
def list_fields(subject: _Subject = "spans") -> Page[Field]:
    """With an example of each, and the usual values where there are some."""
    return Page(items=tuple(fields_of(subject)))


@reads("/filters/completion", tag="filters", summary="What could stand next in a filter")
def complete_filter(
    service: Service,
    place: Place,
    text: Annotated[str, Meta(description="The filter up to the cursor.")] = "",
    subject: _Subject = "spans",
) -> Completion:
    """Fields, or values that spans of the last 30 days and the newest sessions have, the most usual first."""
    values = known_values(service.store, place.tenant, place.project, service.now)
    return complete(text, subject, values)


HANDLERS = (list_fields, complete_filter)
