"""What the servers of providers keep between two requests: files, batches that are answered in no time, and caches.

A batch is done by the time that somebody asks how far it is; each of its requests is spoken to by the same script as
if it had come alone.
"""

import threading
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from agentreplay.contents.forms import FORM, read_form
from agentreplay.intake.providers import hosts
from agentreplay.intake.providers.wire import mapping, mappings, parse, sequence, text, to_json
from agentreplay.model.values import Value
from agentreplay.testing.loopback import Request, Response

__all__ = ["Ask", "Keeping", "answered"]

Ask = Callable[[str, Value], Response]
"""Has a request of a batch answered: by its path, with its body."""

_GOOD, _MISSING = 200, 404
_JSON = "application/json"
_LINES = "application/x-ndjson"
_EPOCH = "1970-01-01T00:00:00Z"


class _File(NamedTuple):
    told: dict[str, Value]
    data: bytes


def answered(value: Value, status: int = _GOOD) -> Response:
    """A value as an answer in JSON."""
    return Response(status=status, headers={"content-type": _JSON}, chunks=(to_json(value),))


class Keeping:
    """Answers requests about what is kept. Safe to ask from many threads at once."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._files: dict[str, _File] = {}
        self._jobs: dict[str, dict[str, Value]] = {}
        self._caches: dict[str, dict[str, Value]] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()

    def respond(self, request: Request, url: str) -> Response | None:
        """The answer, None where it is about nothing that is kept; `url` is where the server is."""
        path = hosts.path(request.path)
        before, last = ["", *path.split("/")][-2:]
        with self._lock:
            if request.method == "POST":
                return self._create(path, request, url)
            if path.endswith("/results") and before in self._jobs:
                return Response(
                    headers={"content-type": _LINES}, chunks=(self._files[f"{before}-results"].data,), streams=True
                )
            if path.endswith("/content") and before in self._files:
                kind = {"content-type": "application/octet-stream"}
                return Response(headers=kind, chunks=(self._files[before].data,))
            kept: dict[str, dict[str, Value]] = {
                **{name: file.told for name, file in self._files.items()},
                **self._jobs,
                **self._caches,
            }
            if last not in kept or before not in {"files", "batches", "jobs", "cachedContents"}:
                return None
            if request.method == "DELETE":
                self._forget(last)
                return answered({"id": last, "object": "file", "deleted": True} if before == "files" else {})
            return answered(kept[last])

    def _forget(self, name: str) -> None:
        for shelf in (self._files, self._jobs, self._caches):
            shelf.pop(name, None)

    def _create(self, path: str, request: Request, url: str) -> Response | None:
        last = path.rpartition("/")[2]
        if last == "files":
            return self._upload(request)
        body = mapping(request.body)
        if last == "cachedContents" and "model" in body:
            return self._cache(body)
        return self._begin(path, last, body, url)

    def _begin(self, path: str, last: str, body: dict[str, Value], url: str) -> Response | None:
        """A batch."""
        match last:
            case "batches" if "requests" in body:
                return self._begin_of_anthropic(body, url)
            case "batches" if "input_file_id" in body:
                return self._begin_of_openai(body)
            case "jobs" if "endpoint" in body:
                return self._begin_of_mistral(body)
            case _ if last.endswith(":batchGenerateContent"):
                return self._begin_of_gemini(path, body)
            case _:
                return None

    def _name(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):06d}"

    def _upload(self, request: Request) -> Response | None:
        form = read_form(request.content, FORM)
        found = {part.name: part for part in form.parts} if form else {}
        if "file" not in found:
            return None
        purpose = found["purpose"].data.decode() if "purpose" in found else "batch"
        return answered(self._put(found["file"].data, found["file"].filename or "file", purpose).told)

    def _put(self, data: bytes, name: str, purpose: str) -> _File:
        told: dict[str, Value] = {
            "id": self._name("file-"),
            "object": "file",
            "bytes": len(data),
            "size_bytes": len(data),
            "created_at": 0,
            "filename": name,
            "purpose": purpose,
            "sample_type": "batch_request",
            "source": "upload",
            "status": "processed",
        }
        file = self._files[text(told["id"])] = _File(told, data)
        return file

    def _lines(self, files: list[str], endpoint: str) -> tuple[bytes, int]:
        """What is answered to the requests in these files, line by line, and how many they are."""
        lines: list[bytes] = []
        for file in files:
            for line in self._files[file].data.splitlines() if file in self._files else ():
                said = mapping(parse(line))
                response = self._ask(text(said.get("url")) or endpoint, said.get("body"))
                body = parse(b"".join(response.chunks))
                told = {"status_code": response.status, "request_id": self._name("req_"), "body": body}
                result = {"id": self._name("batch_req_"), "custom_id": said.get("custom_id")}
                lines.append(to_json({**result, "response": told, "error": None}) + b"\n")
        return b"".join(lines), len(lines)

    def _begin_of_openai(self, body: dict[str, Value]) -> Response:
        endpoint, file = text(body.get("endpoint")), text(body.get("input_file_id"))
        data, number = self._lines([file], endpoint)
        job: dict[str, Value] = {
            "id": self._name("batch_"),
            "object": "batch",
            "endpoint": endpoint,
            "input_file_id": file,
            "completion_window": body.get("completion_window", "24h"),
            "created_at": 0,
        }
        done: dict[str, Value] = {
            "status": "completed",
            "output_file_id": self._put(data, "output.jsonl", "batch_output").told["id"],
            "request_counts": {"total": number, "completed": number, "failed": 0},
        }
        self._jobs[text(job["id"])] = job | done
        return answered(job | {"status": "validating"})

    def _begin_of_mistral(self, body: dict[str, Value]) -> Response:
        endpoint = text(body.get("endpoint"))
        files = [text(file) for file in sequence(body.get("input_files"))]
        data, number = self._lines(files, endpoint)
        job: dict[str, Value] = {
            "id": self._name("job-"),
            "object": "batch",
            "input_files": files,
            "endpoint": endpoint,
            "model": body.get("model"),
            "errors": [],
            "created_at": 0,
            "total_requests": number,
            "failed_requests": 0,
        }
        counted = ("completed_requests", "succeeded_requests")
        done = {"status": "SUCCESS", "output_file": self._put(data, "output.jsonl", "batch").told["id"]}
        self._jobs[text(job["id"])] = job | done | dict.fromkeys(counted, number)
        return answered(job | {"status": "QUEUED"} | dict.fromkeys(counted, 0))

    def _begin_of_anthropic(self, body: dict[str, Value], url: str) -> Response:
        name = self._name("msgbatch_")
        lines: list[bytes] = []
        failed = 0
        for said in mappings(body["requests"]):
            response = self._ask("/v1/messages", said.get("params"))
            message = parse(b"".join(response.chunks))
            is_good = response.status == _GOOD
            failed += not is_good
            result = {"type": "succeeded", "message": message} if is_good else {"type": "errored", "error": message}
            lines.append(to_json({"custom_id": said.get("custom_id"), "result": result}) + b"\n")
        self._files[f"{name}-results"] = _File({}, b"".join(lines))
        counts = {"canceled": 0, "expired": 0, "errored": failed, "succeeded": len(lines) - failed, "processing": 0}
        waiting = dict.fromkeys(counts, 0) | {"processing": len(lines)}
        job: dict[str, Value] = {"id": name, "type": "message_batch", "created_at": _EPOCH, "expires_at": _EPOCH}
        results = f"{url}/v1/messages/batches/{name}/results"
        ended = {"processing_status": "ended", "request_counts": counts, "results_url": results, "ended_at": _EPOCH}
        self._jobs[name] = job | ended
        return answered(job | {"processing_status": "in_progress", "request_counts": waiting, "results_url": None})

    def _begin_of_gemini(self, path: str, body: dict[str, Value]) -> Response:
        model = hosts.unquoted(path.rpartition("/")[2]).removesuffix(":batchGenerateContent")
        batch = mapping(body.get("batch"))
        inlined = mapping(mapping(mapping(batch.get("inputConfig")).get("requests")))
        responses: list[Value] = []
        for said in mappings(inlined.get("requests")):
            response = self._ask(f"/v1beta/models/{model}:generateContent", said.get("request"))
            told = mapping(parse(b"".join(response.chunks)))
            field = {"response": told} if response.status == _GOOD else {"error": told.get("error")}
            responses.append({"metadata": said.get("metadata"), **field} if said.get("metadata") else field)
        name = self._name("b")
        begun: dict[str, Value] = {"model": f"models/{model}", "createTime": _EPOCH, "state": "BATCH_STATE_PENDING"}
        output = {"inlinedResponses": {"inlinedResponses": responses}}
        ended = begun | {"state": "BATCH_STATE_SUCCEEDED", "endTime": _EPOCH, "output": output}
        self._jobs[name] = {"name": f"batches/{name}", "metadata": ended, "done": True}
        return answered({"name": f"batches/{name}", "metadata": begun})

    def _cache(self, body: dict[str, Value]) -> Response:
        name = self._name("cache")
        kept: dict[str, Value] = {"name": f"cachedContents/{name}", "model": body["model"], "createTime": _EPOCH}
        self._caches[name] = kept | {"usageMetadata": {"totalTokenCount": len(to_json(body)) // 4}}
        return answered(self._caches[name])
