"""Where the gateway passes calls on to: a few places known by name, and no others."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from agentreplay.errors import ValueInvalid

__all__ = ["PROVIDERS", "Upstream", "read_upstreams"]

PROVIDERS: Mapping[str, tuple[str, str]] = {
    "openai": ("/v1", "https://api.openai.com/v1"),
    "anthropic": ("", "https://api.anthropic.com"),
    "gemini": ("", "https://generativelanguage.googleapis.com"),
    "ollama": ("", "http://127.0.0.1:11434"),
}
"""Those known by themselves: how their address goes on behind the name, and where they are."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Upstream:
    """One place. Its URL is all that decides which host is asked."""

    name: str
    url: str

    def __post_init__(self) -> None:
        what = f"the upstream {self.name}={self.url}"
        if _NAME.fullmatch(self.name) is None:
            raise ValueInvalid(what=what, problem="a name has up to 32 small letters, digits and dashes")
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError as error:
            raise ValueInvalid(what=what, problem=str(error)) from error
        is_plain = self.url.isascii() and self.url.isprintable() and " " not in self.url
        if parts.scheme not in _PORTS or not parts.hostname or port == 0 or not is_plain:
            raise ValueInvalid(what=what, problem="it is no address such as https://api.example.com/v1")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueInvalid(what=what, problem="an address has no password and no query; agents send their own keys")

    @property
    def is_secure(self) -> bool:
        """Whether it is asked through TLS."""
        return self.url.startswith("https:")

    @property
    def host(self) -> str:
        """The name of the machine."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port, told or usual."""
        parts = urlsplit(self.url)
        return parts.port or _PORTS[parts.scheme]

    @property
    def authority(self) -> str:
        """What the header `host` says."""
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """What stands before every path that is asked for."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def base(self) -> str:
        """The address without a slash at its end."""
        return self.url.rstrip("/")

    @property
    def mount(self) -> str:
        """Where it is found below the gateway: `openai/v1`, `proxy/groq`."""
        return f"{self.name}{PROVIDERS[self.name][0]}" if self.name in PROVIDERS else f"proxy/{self.name}"


def read_upstreams(told: Iterable[str]) -> dict[str, Upstream]:
    """Those known by themselves, and those told as `name=URL`, of which the last of a name counts.

    Raises ValueInvalid for what is neither.
    """
    found = {name: Upstream(name, url) for name, (_, url) in PROVIDERS.items()}
    for text in told:
        name, equals, url = text.partition("=")
        if not equals:
            raise ValueInvalid(
                what=f"the upstream {text!r}",
                problem="it does not read name=URL, as openai=https://api.openai.com does",
            )
        found[name] = Upstream(name.strip(), url.strip())
    return found
