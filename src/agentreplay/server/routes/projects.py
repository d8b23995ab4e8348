"""The projects of a tenant."""

from agentreplay.core.projects import Project, projects
from agentreplay.model.page import Page
from agentreplay.server.asking import Place
from agentreplay.server.routing import reads
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "list_projects"]


@reads("/projects", tag="projects", summary="Which projects there are")
def list_projects(service: Service, place: Place) -> Page[Project]:
    """By name, each with the time its newest session began; those that only know something have none."""
    found = projects(service.store.sessions, place.tenant)
    return Page(items=tuple(one for one in found if place.project in {None, one.name}))


HANDLERS = (list_projects,)
