"""The seams, one library each: where a program's calls can be seen, and served instead.

A seam is a module with one function `install(patches, library)`, called once its library has been imported; a seam
of the standard library that is always there has `install(patches)`. It asks `scope.boundary()` at every call, and
calls through when there is none.
"""

__all__ = ["ALWAYS", "SEAMS"]

ALWAYS = ("clock", "chance", "subprocess_")
"""Seams of what every Python has."""

SEAMS = {
    "asyncio": "asyncio_",
    "claude_agent_sdk._internal.transport.subprocess_cli": "claude_agent_sdk_",
    "concurrent.futures.thread": "pools",
    "dspy._vendor.lm15.transports": "lm15_",
    "httpx": "httpx_",
    "httpx2": "httpx_",
    "urllib3.connectionpool": "urllib3_",
    "aiohttp.client": "aiohttp_",
    "http.client": "http_client",
    "mcp": "mcp_",
    "multiprocessing.util": "subprocess_",
    "numpy.random": "numpy_",
    "uuid_utils": "uuid_utils_",
    "uuid_utils.compat": "uuid_utils_",
    "websockets.asyncio.client": "unrecorded",
    "websockets.legacy.client": "unrecorded",
    "websockets.sync.client": "unrecorded",
    "grpc": "unrecorded",
}
"""By the module whose import makes the seam possible."""
