"""A request as it arrived at the gateway: read from its path whom it is for, and from its head what goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from agentreplay.core.http import request
from agentreplay.errors import GatewayPathUnknown, RequestMalformed
from agentreplay.intake.otlp.coding import CODINGS, IDENTITY, undo
from agentreplay.model.call import Request
from agentreplay.model.values import Value
from agentreplay.server.asgi import Scope
from agentreplay.server.gateway.client import Asking
from agentreplay.server.gateway.upstreams import PROVIDERS, Upstream
from agentreplay.server.gateway.wire import Headers

__all__ = ["BASE", "GATEWAY", "UPSTREAM", "Arrived", "Place", "place_of", "returned"]

UPSTREAM, BASE = "_upstream", "_base"
"""What a request is kept with: the name of the upstream, and the address it had then. Neither is compared."""
GATEWAY = "/gateway/"

_SESSION, _REPLAY, _PROXY = "session", "replay", "proxy"
_OURS = b"x-agentreplay-"
_OF_ONE_CONNECTION = frozenset(
    b"connection expect keep-alive proxy-authenticate proxy-connection te trailer transfer-encoding upgrade".split()
)
_SAID_ANEW = frozenset({b"host", b"content-length", b"accept-encoding", b"x-agentreplay-key"})
_KEYS = {"gemini": "key"}
"""Parameters that carry a key: they are no part of what is asked."""


@dataclass(frozen=True)
class Place:
    """What a path names."""

    upstream: Upstream
    rest: str
    """What goes on behind the upstream, with its slash, as it came."""
    session: str = ""
    replay: str = ""


def place_of(raw: bytes, upstreams: Mapping[str, Upstream]) -> Place:
    """Read a path that begins with `/gateway/`. Raises GatewayPathUnknown, and RequestMalformed for one with `..`."""
    path = raw.decode("latin-1").removeprefix(GATEWAY)
    if not {".", ".."}.isdisjoint(unquote(path).replace("\\", "/").split("/")):
        raise RequestMalformed(problem="its path has a step that leads elsewhere")
    first, _, rest = path.partition("/")
    session = replay = ""
    if first in {_SESSION, _REPLAY}:
        told, _, rest = rest.partition("/")
        session, replay = (unquote(told), "") if first == _SESSION else ("", told)
        first, _, rest = rest.partition("/")
    name = first
    if first == _PROXY:
        name, _, rest = rest.partition("/")
    upstream = upstreams.get(name)
    if upstream is None or (first == _PROXY) == (name in PROVIDERS):
        known = ", ".join(GATEWAY + one.mount for one in upstreams.values())
        raise GatewayPathUnknown(path=path[:100], known=known)
    rest = f"/{rest}" if rest else ""
    version = PROVIDERS[name][0] if name in PROVIDERS else ""
    if version and rest != version and not rest.startswith(f"{version}/"):
        raise GatewayPathUnknown(path=path[:100], known=GATEWAY + upstream.mount)
    return Place(upstream, rest.removeprefix(version), session, replay)


@dataclass(frozen=True)
class Arrived:
    """A request, all of it."""

    place: Place
    method: str
    query: str
    headers: Headers
    body: bytes

    @classmethod
    def of(cls, scope: Scope, place: Place, body: bytes) -> "Arrived":
        """The request of this scope."""
        query = scope["query_string"].decode("latin-1")
        return cls(place, scope["method"], query, list(scope["headers"]), body)

    def asking(self, changed: bytes | None = None) -> Asking:
        """The request as it leaves: with everything but what belongs to this connection, or is meant for us.

        It asks for an answer that is not compressed, because that is to be understood. `changed` is another body.
        """
        upstream = self.place.upstream
        gone = _SAID_ANEW if changed is None else _SAID_ANEW | {b"content-encoding"}
        kept = [pair for pair in _lasting(self.headers) if pair[0] not in gone and not pair[0].startswith(_OURS)]
        body = self.body if changed is None else changed
        lines = [(b"host", upstream.authority.encode("ascii")), *kept, (b"accept-encoding", b"identity")]
        if body or self.method not in {"GET", "HEAD"}:
            lines.append((b"content-length", b"%d" % len(body)))
        target = f"{upstream.path}{self.place.rest}" or "/"
        return Asking(self.method, f"{target}?{self.query}" if self.query else target, lines, body)

    def request(self, limit: int, base: str = "") -> Request:
        """The request as it is kept, but for redaction: its body plain, its address that of the upstream.

        `base` is the address the upstream had in a recording. Raises an error of ours where the body is in no
        coding we know, or larger than the limit.
        """
        upstream = self.place.upstream
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in _lasting(self.headers)]
        told = dict(fields)
        coding = told.get("content-encoding", IDENTITY).strip().lower()
        body = self.body
        if coding in CODINGS and coding != IDENTITY:
            body = undo(coding, body, limit)
            fields = [pair for pair in fields if pair[0] != "content-encoding"]
        fields = [pair for pair in fields if pair[0].encode("latin-1") not in _SAID_ANEW]
        query = "&".join(part for part in self.query.split("&") if part.partition("=")[0] != _KEYS.get(upstream.name))
        url = f"{base or upstream.base}{self.place.rest}" + (f"?{query}" if query else "")
        kept = request(self.method, url, fields, body)
        marks: dict[str, Value] = {UPSTREAM: upstream.name, BASE: base or upstream.base}
        kept.head.update(marks)
        return kept


def returned(headers: Headers) -> Headers:
    """The headers of an answer as they go on to the agent: this server says the date itself."""
    return [pair for pair in _lasting(headers) if pair[0] != b"date"]


def _lasting(headers: Headers) -> Headers:
    """Without what belongs to one connection, which a header may name too."""
    named = [value for name, value in headers if name == b"connection"]
    gone = _OF_ONE_CONNECTION.union(*(map(bytes.strip, value.lower().split(b",")) for value in named))
    return [pair for pair in headers if pair[0] not in gone]
