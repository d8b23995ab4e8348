"""Projects: which there are, and when a session last began in them."""

from collections.abc import Iterator

import msgspec

from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Sessions

__all__ = ["Project", "projects"]


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project that holds anything: sessions, facts or memories."""

    name: ProjectId
    newest: Nanoseconds | None
    """When its newest session began; None where it has none, and only facts or memories."""


def projects(sessions: Sessions, tenant: TenantId) -> Iterator[Project]:
    """The projects of a tenant, by name."""
    for name in sessions.projects(tenant):
        newest = sessions.find(SessionFilter(tenant=tenant, project=name), PageRequest(limit=1)).items
        yield Project(name=name, newest=newest[0].started if newest else None)
