"""requests: whole, streamed and failing answers."""

import os

import requests

BASE = os.environ["MODELS_URL"]
session = requests.Session()
print(session.post(f"{BASE}/echo/first", json={"question": 1}).json()["body"])
body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}], "stream": True}
with session.post(f"{BASE}/v1/chat/completions", json=body, stream=True) as answer:
    for line in answer.iter_lines():
        print(line)
print(session.get(f"{BASE}/nothing").status_code)
try:
    requests.get("http://127.0.0.1:9/", timeout=2)
except requests.ConnectionError as error:
    print(type(error).__name__)
