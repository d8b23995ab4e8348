"""aiohttp: whole and streamed answers, side by side."""

import asyncio
import os

import aiohttp

BASE = os.environ["MODELS_URL"]


async def main() -> None:
    async with aiohttp.ClientSession() as session:

        async def echo(number: int) -> object:
            async with session.post(f"{BASE}/echo/{number}", json={"number": number}) as answer:
                return (await answer.json())["body"]

        print(await asyncio.gather(*(echo(number) for number in range(8))))
        body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}], "stream": True}
        async with session.post(f"{BASE}/v1/chat/completions", json=body) as answer:
            print(answer.status, answer.content_type)
            async for line in answer.content:
                print(line)


asyncio.run(main())
