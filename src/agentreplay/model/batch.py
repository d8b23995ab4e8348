"""What is appended at once, all or nothing."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from agentreplay.errors import BatchInvalid
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import TenantId
from agentreplay.model.session import Session
from agentreplay.model.span import Span

__all__ = ["Batch", "Owned", "owner_of"]


class Owned(Protocol):
    """What says whose it is."""

    @property
    def tenant(self) -> str:
        """The tenant."""
        ...


def owner_of(told: str | None, owned: Iterable[Owned], others: Sequence[object]) -> str | None:
    """Whose a batch is: as it says itself, or as the things in it do, of which the others cannot say it.

    Raises BatchInvalid where these are several, or where there are others and nobody says whose.
    """
    tenants = {thing.tenant for thing in owned}
    if told is not None:
        tenants.add(told)
    if len(tenants) > 1:
        raise BatchInvalid(problem=f"it mixes the tenants {', '.join(sorted(tenants))}")
    if others and not tenants:
        raise BatchInvalid(problem="nothing in it says whose the contents are; give `tenant`")
    return next(iter(tenants), None)


class Batch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sessions, spans, contents and context links of one tenant that belong together.

    What a span refers to may be in the same batch, in an earlier or in a later one.
    """

    tenant: TenantId | None = None
    """Whose it is; needed only where no session and no span says so."""
    sessions: tuple[Session, ...] = ()
    spans: tuple[Span, ...] = ()
    contents: tuple[Content, ...] = ()
    links: tuple[ContextLink, ...] = ()

    def __post_init__(self) -> None:
        if len(self.spans) == 1 and not self.sessions and self.spans[0].tenant == self.tenant:
            # As a recorder appends, one by one.
            return
        owner = owner_of(self.tenant, (*self.sessions, *self.spans), self.contents or self.links)
        if self.tenant is None and owner is not None:
            msgspec.structs.force_setattr(self, "tenant", TenantId(owner))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to store."""
        return not (self.spans or self.sessions or self.contents or self.links)
