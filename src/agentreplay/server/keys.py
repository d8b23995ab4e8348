"""Whether a request carries the key."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

__all__ = ["KeyCheck"]


class KeyCheck:
    """Compares in a time that says nothing of the key. Without a key everything fits."""

    def __init__(self, key: str) -> None:
        self._digest = sha256(key.encode()).digest() if key else None

    @property
    def is_needed(self) -> bool:
        """Whether there is a key at all."""
        return self._digest is not None

    def fits(self, headers: Mapping[str, str]) -> bool:
        """Whether the headers, by their names in small letters, carry the key."""
        if self._digest is None:
            return True
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return hmac.compare_digest(sha256(given.encode("utf-8", "surrogateescape")).digest(), self._digest)
