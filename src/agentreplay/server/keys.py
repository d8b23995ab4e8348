"""Whether a request carries the key."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

__all__ = ["OWN_HEADER", "KeyCheck"]

OWN_HEADER = "x-agentreplay-key"


class KeyCheck:
    """Compares in a time that says nothing of the key. Without a key everything fits."""

    def __init__(self, key: str) -> None:
        self._digest = sha256(key.encode()).digest() if key else None

    @property
    def is_needed(self) -> bool:
        """Whether there is a key at all."""
        return self._digest is not None

    def fits(self, headers: Mapping[str, str], *, only_own: bool = False) -> bool:
        """Whether the headers, by their names in small letters, carry the key.

        `only_own` where the usual headers carry somebody else's.
        """
        if self._digest is None:
            return True
        given = headers.get(OWN_HEADER, "")
        if not given and not only_own:
            scheme, _, token = headers.get("authorization", "").partition(" ")
            given = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return hmac.compare_digest(sha256(given.encode("utf-8", "surrogateescape")).digest(), self._digest)
