"""An MCP client, over stdio, or over HTTP when MCP_URL says where."""

import asyncio
import os
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

try:
    from mcp.client.streamable_http import streamable_http_client
except ImportError:
    from mcp.client.streamable_http import streamablehttp_client as streamable_http_client


async def talk(read: object, write: object) -> None:
    async with ClientSession(read, write) as session:
        await session.initialize()
        print([tool.name for tool in (await session.list_tools()).tools])
        for city in ("Paris", "Oslo"):
            print((await session.call_tool("weather", {"city": city})).content[0].text)


async def main() -> None:
    url = os.environ.get("MCP_URL")
    if url:
        async with streamable_http_client(url) as (read, write, *_):
            await talk(read, write)
    else:
        server = StdioServerParameters(command=sys.executable, args=[str(Path(__file__).parent / "mcp_server.py")])
        async with stdio_client(server) as (read, write):
            await talk(read, write)


asyncio.run(main())
