"""HTTP/1.1 as bytes: what a request looks like, and what of an answer has come. Nothing is sent or received here."""

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools

from agentreplay.client.ask import Answer, Ask
from agentreplay.errors import ServerMissing, ValueInvalid
from agentreplay.settings import Settings

__all__ = ["Address", "Reader", "address_of", "request_bytes"]


def address_of(settings: Settings) -> str:
    """Where the server is: the one recordings are shipped to, or that of this machine."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.url.rstrip("/") or f"http://{host}:{settings.port}"


@dataclass(frozen=True)
class Address:
    """Where a server is, and the key it wants."""

    host: str
    port: int
    is_secure: bool
    prefix: str
    key: str

    @classmethod
    def of(cls, url: str | None, key: str | None) -> "Address":
        """From what was given, else from the settings, else on this machine. Raises ValueInvalid."""
        settings = Settings.read()
        found = url or address_of(settings)
        parts = urlsplit(found)
        try:
            port = parts.port
        except ValueError as error:
            raise ValueInvalid(what=f"the address {found!r}", problem=str(error)) from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueInvalid(what=f"the address {found!r}", problem="it is not like http://127.0.0.1:47100")
        is_secure = parts.scheme == "https"
        given = settings.key if key is None else key
        return cls(parts.hostname, port or (443 if is_secure else 80), is_secure, parts.path.rstrip("/"), given)

    @property
    def url(self) -> str:
        """As it is written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_secure else 'http'}://{host}:{self.port}{self.prefix}"

    def tls(self) -> ssl.SSLContext | None:
        """What a connection to it is secured by."""
        return ssl.create_default_context() if self.is_secure else None

    def missing(self, error: Exception) -> ServerMissing:
        """Nothing answers there."""
        if isinstance(error, TimeoutError):
            problem = "it took too long"
        else:
            problem = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
        return ServerMissing(address=self.url, problem=problem)


def request_bytes(address: Address, ask: Ask[object]) -> bytes:
    """The whole request."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    headers = {"host": f"{host}:{address.port}", "accept-encoding": "identity", **ask.headers}
    if address.key:
        headers["authorization"] = f"Bearer {address.key}"
    if ask.body or ask.method != "GET":
        headers["content-length"] = str(len(ask.body))
    lines = [f"{ask.method} {address.prefix}{ask.target} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueInvalid(what="a request", problem="a header of it holds the end of a line")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + ask.body


class Reader:
    """Takes an answer in as it comes."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self.has_head = False
        self.is_whole = False
        self.can_go_on = False
        """Whether the connection may be used once more."""

    def feed(self, data: bytes) -> None:
        """What has come; nothing means the end. Raises ConnectionError where that is too early, or no HTTP."""
        if not data:
            if not self.is_whole:
                raise ConnectionError("the answer was cut short")
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise ConnectionError(f"what answers speaks no HTTP: {error}") from error

    def take(self) -> bytes:
        """What of the body has come since this was asked before."""
        parts, self._parts = self._parts, []
        return b"".join(parts)

    def answer(self) -> Answer:
        """The answer, with what of its body was not taken."""
        return Answer(self._parser.get_status_code(), self._headers, self.take())

    @property
    def status(self) -> int:
        """Once the head has come."""
        return self._parser.get_status_code()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self.has_head = True

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        self._parts.append(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self.is_whole = True
        self.can_go_on = self._parser.should_keep_alive()
