"""Projects: which there are, and when something last began in them."""

from collections.abc import Iterator

import msgspec

from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Sessions

__all__ = ["Project", "projects"]


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project that holds a session."""

    name: ProjectId
    newest: Nanoseconds
    """When its newest session began."""


def projects(sessions: Sessions, tenant: TenantId) -> Iterator[Project]:
    """The projects of a tenant, by name."""
    for name in sessions.projects(tenant):
        newest = sessions.find(SessionFilter(tenant=tenant, project=name), PageRequest(limit=1)).items
        if newest:
            yield Project(name=name, newest=newest[0].started)
