"""The Claude Agent SDK: a conversation with tools of which one fails, and a question of its own."""

import asyncio
import os
from pathlib import Path

from claude_agent_sdk import ClaudeAgentOptions, ClaudeSDKClient, ResultMessage, create_sdk_mcp_server, query, tool


@tool("weather", "The weather of a city.", {"city": str})
async def weather(given: dict) -> dict:
    return {"content": [{"type": "text", "text": f"sunny in {given['city']}"}]}


@tool("trains", "The trains to a city.", {"city": str})
async def trains(given: dict) -> dict:
    raise LookupError(f"no line goes to {given['city']}")


options = ClaudeAgentOptions(
    system_prompt="You plan journeys.",
    cli_path=os.environ.get("CLAUDE_CODE", Path(__file__).with_name("claude_code.py")),
    mcp_servers={"journeys": create_sdk_mcp_server("journeys", tools=[weather, trains])},
    allowed_tools=["mcp__journeys__weather", "mcp__journeys__trains"],
)


async def main() -> None:
    async with ClaudeSDKClient(options) as client:
        for asked in ("How is the weather in Paris?", "Is there a train to Rome?"):
            await client.query(asked)
            async for message in client.receive_response():
                if isinstance(message, ResultMessage):
                    print(message.result)
    async for message in query(prompt="How do I travel?", options=options):
        if isinstance(message, ResultMessage):
            print(message.result)


asyncio.run(main())
