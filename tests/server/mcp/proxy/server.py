"""A small MCP server over standard input and output, for clients of both generations; it has moods of its own."""

import json
import os
import random
import subprocess
import sys
import time
from typing import Any

__all__ = ["main"]

INFO = {"name": "weather", "version": "1"}


def send(**message: Any) -> None:
    # Spread out as no library of ours would, so that it shows whether bytes stay as they are.
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}, separators=(" ,  ", "  : ")) + "\n")
    sys.stdout.flush()


def text(said: object, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": str(said)}], **more}


def call(params: dict[str, Any]) -> dict[str, Any]:
    name, arguments = params["name"], params.get("arguments") or {}
    match name:
        case "slowly":
            token = params["_meta"]["progressToken"]
            for step in range(3):
                send(method="notifications/progress", params={"progressToken": token, "progress": step, "total": 3})
            return text(random.random())
        case "ask":
            send(id="q-1", method="elicitation/create", params={"message": "who?", "requestedSchema": {}})
            answer = json.loads(sys.stdin.readline())
            return text(f"hello {answer['result']['content']['name']} {random.random()}")
        case "die":
            os._exit(7)
        case "linger":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            return text(child.pid)
        case "hang":
            time.sleep(60)
    return text(f"{arguments.get('city')} {random.random()}", isError=name == "fail")


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    modern = {"resultType": "complete"} if "io.modelcontextprotocol/protocolVersion" in params.get("_meta", {}) else {}
    match method:
        case "initialize":
            return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": INFO}
        case "server/discover":
            found = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "serverInfo": INFO}
            return {**found, **modern, "ttlMs": 0, "cacheScope": "private"}
        case "tools/list":
            cached = {"ttlMs": 0, "cacheScope": "private"} if modern else {}
            return {"tools": [{"name": "now", "inputSchema": {"type": "object"}}], **modern, **cached}
        case "tools/call":
            return {**call(params), **modern}
        case _:
            raise LookupError(method)


def main() -> None:
    if "--stubborn" in sys.argv:
        import signal  # start-up

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        try:
            send(id=message["id"], result=answer(message["method"], message.get("params") or {}))
        except LookupError:
            send(id=message["id"], error={"code": -32601, "message": "no such method", "data": {"why": "moods"}})
    while "--stubborn" in sys.argv:
        time.sleep(1)


if __name__ == "__main__":
    main()
