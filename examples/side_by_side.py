"""Asks many at once, in tasks and in threads: each gets its own answer again, whatever the scheduler does.

Prints:
    ['Ada waited', 'Ben waited', 'Cleo waited', 'Dora waited']
    [… of six, … of six, … of six]
    the same again: identical
"""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

import agentreplay


@agentreplay.tool
async def greet(name: str) -> str:
    """Takes another time for each, and another one each time."""
    await asyncio.sleep(random.random() / 50)
    return f"{name} waited"


@agentreplay.tool
def roll(_player: int) -> str:
    """Chance differs from run to run; what came of it is on the tape."""
    return f"{random.randint(1, 6)} of six"


async def greetings() -> list[str]:
    """All of them at once."""
    return list(await asyncio.gather(*(greet(name) for name in ("Ada", "Ben", "Cleo", "Dora"))))


def party() -> tuple[list[str], list[str]]:
    """First in tasks, then in threads."""
    with ThreadPoolExecutor() as pool:
        return asyncio.run(greetings()), list(pool.map(roll, range(3)))


if __name__ == "__main__":
    agentreplay.instrument()
    with agentreplay.session("a party") as session:
        greeted, rolled = session.returns(party())
    print(greeted)
    print(f"[{', '.join(rolled)}]")
    print("the same again:", agentreplay.replay(session.id, party).status)
