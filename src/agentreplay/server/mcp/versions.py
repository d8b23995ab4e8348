"""The versions of the protocol, and the words in which they differ."""

__all__ = [
    "CAPABILITIES",
    "HANDSHAKE_VERSIONS",
    "PROTOCOL_VERSION",
    "SERVER_INFO",
    "STATELESS_VERSIONS",
    "negotiated",
]

HANDSHAKE_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Those that begin with `initialize`, the oldest first."""
STATELESS_VERSIONS = ("2026-07-28",)
"""Those in which every request says for itself what it speaks."""

_STAMP = "io.modelcontextprotocol/"
PROTOCOL_VERSION = f"{_STAMP}protocolVersion"
"""The entry of `_meta` that says what a request speaks."""
CAPABILITIES = f"{_STAMP}clientCapabilities"
SERVER_INFO = f"{_STAMP}serverInfo"


def negotiated(wanted: object) -> str:
    """The version in which a handshake is answered: the one that is wanted, or else the newest."""
    return wanted if isinstance(wanted, str) and wanted in HANDSHAKE_VERSIONS else HANDSHAKE_VERSIONS[-1]
