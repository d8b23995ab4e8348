"""An MCP server with one tool, over stdio or over HTTP on the port given."""

import sys

try:
    from mcp.server import MCPServer as Server
except ImportError:
    from mcp.server.fastmcp import FastMCP as Server

server = Server("forecasts")


@server.tool()
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


if len(sys.argv) > 1:
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
else:
    server.run()
