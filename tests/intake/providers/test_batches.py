"""The answers of batches, wherever their providers put them."""

from hypothesis import given

from agentreplay.intake.providers import batches
from agentreplay.intake.providers.wire import to_json
from agentreplay.model.values import Value
from tests.intake.providers.replies import hostile

OPENAI = "https://api.openai.com/v1/files/file-1/content"
ANTHROPIC = "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/batches/b1"
DOWNLOAD = "https://generativelanguage.googleapis.com/download/v1beta/files/f1:download?alt=media"
CHAT: Value = {"object": "chat.completion", "model": "gpt-5-mini", "choices": []}


def lines(*values: Value) -> list[bytes]:
    return [b"".join(to_json(value) + b"\n" for value in values)]


def test_openai_answers_in_a_file() -> None:
    good: Value = {"custom_id": "one", "response": {"status_code": 200, "body": CHAT}, "error": None}
    vectors: Value = {"object": "list", "model": "text-embedding-3-small", "data": []}
    embedded: Value = {"custom_id": "two", "response": {"status_code": 200, "body": vectors}}
    failed: Value = {"custom_id": "three", "response": None, "error": {"message": "expired"}}

    found = batches.read(OPENAI, lines(good, embedded, failed))

    assert [(one.batch, one.key, one.asked.kind, one.status) for one in found] == [
        ("file-1", "one", "llm", 200),
        ("file-1", "two", "embedding", 200),
        ("file-1", "three", "llm", 400),
    ]
    assert (found[0].asked.provider, found[0].asked.model) == ("openai", "gpt-5-mini")


def test_other_files_are_left_alone() -> None:
    asked: Value = {"custom_id": "one", "method": "POST", "url": "/v1/chat/completions", "body": {}}

    assert batches.read(OPENAI, lines(asked)) == []
    assert batches.read(OPENAI, [b"\x89PNG\r\n"]) == []
    assert batches.read("https://example.org/index", lines({"custom_id": "a", "response": {"body": CHAT}})) == []


def test_anthropic_tells_how_each_ended() -> None:
    message: Value = {"type": "message", "model": "claude-sonnet-4-5", "content": []}
    problem: Value = {"type": "error", "error": {"type": "invalid_request_error", "message": "no"}}
    good: Value = {"custom_id": "one", "result": {"type": "succeeded", "message": message}}
    failed: Value = {"custom_id": "two", "result": {"type": "errored", "error": problem}}
    late: Value = {"custom_id": "three", "result": {"type": "expired"}}

    found = batches.read(ANTHROPIC, lines(good, failed, late))

    assert [(one.batch, one.key, one.status) for one in found] == [
        ("msgbatch_1", "one", 200),
        ("msgbatch_1", "two", 400),
        ("msgbatch_1", "three", 400),
    ]
    assert b"expired" in found[2].body


def test_gemini_answers_with_the_job_or_in_a_file() -> None:
    response: Value = {"candidates": [], "modelVersion": "gemini-2.5-flash"}
    inlined: Value = [{"response": response, "metadata": {"key": "one"}}, {"error": {"code": 5, "message": "no"}}]
    output: Value = {"inlinedResponses": {"inlinedResponses": inlined}}
    job: Value = {"name": "batches/b1", "metadata": {"model": "models/gemini-2.5-flash", "output": output}}

    with_job = batches.read(GEMINI, [to_json(job)])
    in_file = batches.read(DOWNLOAD, lines({"key": "one", "response": response}))

    assert [(one.key, one.asked.model, one.status) for one in with_job] == [
        ("one", "gemini-2.5-flash", 200),
        ("1", "gemini-2.5-flash", 400),
    ]
    assert [(one.batch, one.key) for one in in_file] == [("f1", "one")]


@given(hostile)
def test_no_bytes_can_hurt(data: bytes) -> None:
    for url in (OPENAI, ANTHROPIC, GEMINI, DOWNLOAD):
        batches.read(url, [data])
