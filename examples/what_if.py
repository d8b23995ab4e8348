"""Records a program, and forks it: what had become of it, had the tool said something else?

Run without an argument it does all of it by the command line, as you would.

Prints:
    The kettle is shipped, expect it on Friday.
    recorded as …
    …
    The kettle is lost, we send another.
    forked as …
    …
    ~ #3/6 tool lookup_order
        answer body.status
          - "shipped"
          + "lost"
    ~ the programs put out something else: stdout
"""

import subprocess
import sys

import agentreplay


@agentreplay.tool
def lookup_order(order: str) -> dict[str, str]:
    """What became of an order."""
    return {"order": order, "item": "kettle", "status": "shipped"}


def answer(order: str) -> str:
    """What the customer is told."""
    found = lookup_order(order)
    rest = {"shipped": "expect it on Friday", "lost": "we send another"}[found["status"]]
    return f"The {found['item']} is {found['status']}, {rest}."


def agentreplay_does(*arguments: str) -> None:
    """Run a command of agentreplay's."""
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "agentreplay.cli", *arguments], check=False, stderr=subprocess.STDOUT)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(answer(sys.argv[1]))
    else:
        agentreplay_does("run", "--name", "what if", "--", sys.executable, __file__, "7")
        agentreplay_does("fork", "last", "--at", "3", "--set", "result.status=lost")
        agentreplay_does("diff", "last")
