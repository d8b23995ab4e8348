"""Whose a message is: its project and its session, by its attributes and by the resource and scope it came from.

What of a resource or a scope is no attribute is kept beside its attributes under names that begin with `otel.`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from agentreplay.errors import ValueInvalid
from agentreplay.intake.otlp.wire import Wire
from agentreplay.intake.sessions import session_in
from agentreplay.model.ids import ProjectId, SessionId, TenantId, check_name
from agentreplay.model.values import Value

__all__ = ["PROJECT_ATTRIBUTES", "SCOPE", "Origin", "Source"]

PROJECT_ATTRIBUTES = ("agentreplay.project", "openinference.project.name")
"""Attributes of a resource that name the project, the first one first."""

SCOPE = "otel.scope.name"
"""What keeps the name of a scope among what describes it."""


class Origin(NamedTuple):
    """Where a request came in, and whose it is unless it says so itself."""

    tenant: TenantId
    project: ProjectId
    is_told: bool
    """Whether the sender named the project beside the request; then that counts more than what resources say."""


class Source(NamedTuple):
    """What the messages of one scope of one resource have in common."""

    origin: Origin
    project: ProjectId
    resource: dict[str, Value]
    scope: dict[str, Value]

    @classmethod
    def of(cls, origin: Origin, wire: Wire, group: Any, within: Any) -> "Source":
        """Read the resource of a group of messages, and the scope within it."""
        resource = _described(wire, group.resource, group.schema_url, "resource")
        project = None if origin.is_told else _named(resource, PROJECT_ATTRIBUTES)
        return cls(
            origin=origin,
            project=ProjectId(project) if project else origin.project,
            resource=resource,
            scope=_scope(wire, within),
        )

    @property
    def service(self) -> str:
        """What the resource calls itself."""
        return str(self.resource.get("service.name") or "unknown")

    def session(self, attributes: Mapping[str, Value]) -> SessionId | None:
        """The session that a message names, or its resource does."""
        return session_in(attributes) or session_in(self.resource)


def _named(attributes: Mapping[str, Value], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        name = attributes.get(key)
        if isinstance(name, str):
            try:
                check_name(name, "the project")
            except ValueInvalid:
                continue
            return name
    return None


def _described(wire: Wire, message: Any, schema: str | None, what: str) -> dict[str, Value]:
    if message is None:
        return {f"otel.{what}.schema_url": schema} if schema else {}
    described = wire.attributes(message.attributes)
    if dropped := int(message.dropped_attributes_count or 0):
        described[f"otel.{what}.dropped_attributes"] = dropped
    if schema:
        described[f"otel.{what}.schema_url"] = schema
    return described


def _scope(wire: Wire, within: Any) -> dict[str, Value]:
    scope = within.scope
    described = _described(wire, scope, within.schema_url, "scope")
    if scope is not None:
        if scope.name:
            described[SCOPE] = scope.name
        if scope.version:
            described["otel.scope.version"] = scope.version
    return described
