"""What went wrong is found wherever a host says so."""

import pytest
from hypothesis import given

from agentreplay.intake.providers.complaints import complaint, problem
from tests.intake.providers.replies import hostile


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}',
        b'{"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}',
        b'[{"error": {"code": 429, "message": "slow down"}}]',
        b'{"error": "slow down"}',
        b'{"error": {"message": "", "type": "slow down"}}',
        b'{"message": "slow down"}',
        b'{"Message": "slow down"}',
        b'{"detail": "slow down"}',
        b'"slow down"',
        b"slow down\n",
    ],
)
def test_the_message_is_found(body: bytes) -> None:
    assert complaint(429, [body[:7], body[7:]]) == "slow down"


def test_a_body_that_says_nothing_leaves_the_status() -> None:
    assert complaint(503, []) == "HTTP status 503"


def test_a_page_for_people_is_shortened() -> None:
    assert len(complaint(502, [b"<html>" * 10_000])) == 2_000


@given(hostile)
def test_there_is_always_something_to_say(body: bytes) -> None:
    assert complaint(500, [body])


@pytest.mark.parametrize(
    ("status", "data", "error"),
    [
        (
            401,
            b'{"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}',
            "Incorrect API key provided",
        ),
        (200, b'{"error": {"message": "Upstream failed", "code": 502}, "user_id": "u"}', "Upstream failed"),
        (422, b'{"object": "error", "message": "Bad tool", "type": "invalid"}', "Bad tool"),
        (404, b'{"detail": "Not Found"}', "Not Found"),
        (404, b'{"error": "no such model"}', "no such model"),
        (400, b'[{"error": {"code": 400, "message": "API key not valid"}}]', "API key not valid"),
        (502, b"<html>Bad Gateway</html>", "<html>Bad Gateway</html>"),
        (503, b"", "HTTP status 503"),
        (400, b'{"error": {"code": 7}}', '{"error": {"code": 7}}'),
        (200, b'{"error": null, "message": "fine"}', None),
        (200, b"", None),
    ],
)
def test_only_what_went_wrong_is_a_problem(status: int, data: bytes, error: str | None) -> None:
    assert problem(status, data) == error
