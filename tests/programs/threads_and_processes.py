"""A pool of eight threads, child processes, and what differs in every run: time, ids and chance."""

import datetime
import json
import multiprocessing
import os
import random
import secrets
import subprocess
import sys
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

BASE = os.environ["MODELS_URL"]


def ask(number: int) -> str:
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": f"question {number}"}]}
    request = urllib.request.Request(
        f"{BASE}/v1/chat/completions", data=json.dumps(body).encode(), headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        said = json.load(answer)
    time.sleep(random.random() / 100)
    return f"{number} {said['choices'][0]['message']['content']} {uuid.uuid4()}"


def child(number: int, queue: "multiprocessing.Queue[str]") -> None:
    queue.put(f"child {number}: {ask(number)} {random.random()}")


if __name__ == "__main__":
    if sys.argv[1:]:
        print("grandchild", ask(int(sys.argv[1])), time.time_ns())
        sys.exit()
    with ThreadPoolExecutor(8) as pool:
        for line in pool.map(ask, range(24)):
            print(line)
    sys.stdout.flush()
    for number in (101, 102):
        subprocess.run([sys.executable, __file__, str(number)], check=True)
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        queue = context.Queue()
        process = context.Process(target=child, args=(200, queue))
        process.start()
        print(method, queue.get())
        process.join()
    print(time.time(), datetime.datetime.now(), datetime.date.today(), time.perf_counter())
    print(uuid.uuid4(), uuid.uuid1(), random.random(), secrets.token_urlsafe(), os.urandom(4).hex())
    print({"a", "set", "of", "texts"})
