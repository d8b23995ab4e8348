"""Asks the server that runs, for what only it knows."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from agentreplay.errors import ServerMissing, ServerRefused
from agentreplay.settings import Settings

__all__ = ["address_of", "ask"]

_TIMEOUT = 60.0
_FIRST_ERROR = 400


def address_of(settings: Settings) -> str:
    """Where the server is: the one recordings are shipped to, or that of this machine."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.url.rstrip("/") or f"http://{host}:{settings.port}"


def ask(settings: Settings, method: str, path: str, body: object = None) -> Any:
    """What it answers. Raises ServerMissing, and ServerRefused with what it said."""
    address = address_of(settings)
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers = {"content-type": "application/json"}
    if settings.key:
        headers["x-agentreplay-key"] = settings.key
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, parts.path.rstrip("/") + path, data, headers)
            answer = connection.getresponse()
            status, told = answer.status, answer.read()
        finally:
            connection.close()
        said = json.loads(told)
    except (OSError, http.client.HTTPException, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ServerMissing(
            address=address, problem="it took too long" if isinstance(error, TimeoutError) else problem
        ) from error
    if status >= _FIRST_ERROR:
        failure = said.get("error", {})
        raise ServerRefused(problem=failure.get("message", f"status {status}"), advice=failure.get("hint", ""))
    return said
