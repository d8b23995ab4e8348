"""What is appended at once, all or nothing."""

import msgspec

from agentreplay.errors import BatchInvalid
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import TenantId
from agentreplay.model.session import Session
from agentreplay.model.span import Span

__all__ = ["Batch"]


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
        tenants = {span.tenant for span in self.spans}
        tenants.update(session.tenant for session in self.sessions)
        if self.tenant is not None:
            tenants.add(self.tenant)
        if len(tenants) > 1:
            raise BatchInvalid(problem=f"it mixes the tenants {', '.join(sorted(tenants))}")
        if self.tenant is None:
            if not tenants and (self.contents or self.links):
                raise BatchInvalid(problem="nothing in it says whose the contents are; give `tenant`")
            msgspec.structs.force_setattr(self, "tenant", next(iter(tenants), None))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to store."""
        return not (self.sessions or self.spans or self.contents or self.links)
