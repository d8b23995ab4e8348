"""Requests to S3: signed as others sign them, and made again while there is hope."""

import time
from datetime import UTC, datetime

import pytest

from agentreplay.contents.s3 import S3, S3Cut, S3Keys, S3Refused, all_told, open_s3, told
from agentreplay.testing.loopback import Loopback, Request, Response

KEYS = S3Keys("somebody", "secret", "eu-central-1", "token")
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "secret"}
MOMENT = 1_800_000_000


def said(status: int, body: str = "") -> Response:
    return Response(status=status, chunks=(body.encode(),))


def test_a_request_is_signed_as_the_library_of_the_provider_does() -> None:
    auth = pytest.importorskip("botocore.auth")
    requests, credentials = (pytest.importorskip(f"botocore.{name}") for name in ("awsrequest", "credentials"))
    seen: list[Request] = []

    def respond(request: Request) -> Response:
        seen.append(request)
        return said(200)

    server = Loopback(respond)
    S3(f"{server.url}/things", KEYS, clock=lambda: MOMENT).ask(
        "PUT", "a b/ü+~", {"uploadId": "x/y==", "partNumber": "1"}, b"data"
    )
    server.stop()

    [request] = seen
    headers = {name.lower(): value for name, value in request.headers.items()}
    theirs = requests.AWSRequest(
        "PUT",
        f"{server.url}{request.path}",
        headers={"x-amz-content-sha256": headers["x-amz-content-sha256"]},
        data=b"data",
    )
    signer = auth.S3SigV4Auth(credentials.Credentials(KEYS.access, KEYS.secret, KEYS.token), "s3", KEYS.region)
    theirs.context["timestamp"] = datetime.fromtimestamp(MOMENT, UTC).strftime("%Y%m%dT%H%M%SZ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auth, "get_current_datetime", lambda: datetime.fromtimestamp(MOMENT, UTC).replace(tzinfo=None))
        signer.add_auth(theirs)
    assert headers["authorization"] == theirs.headers["Authorization"]


def test_what_passes_is_waited_for_and_what_does_not_is_told() -> None:
    answers = [503, 500, 200, 403]
    body = "<Error><Code>AccessDenied</Code><Message>not &lt;you&gt;</Message></Error>"
    server = Loopback(lambda _: said(answers.pop(0), body))
    paused: list[float] = []
    s3 = S3(f"{server.url}/things", KEYS, pause=paused.append)

    s3.ask("GET", "a", {})
    with pytest.raises(S3Refused, match="AccessDenied: not <you>") as caught:
        s3.ask("GET", "a", {})
    server.stop()

    assert paused == [0.1, 0.2]
    assert (caught.value.status, caught.value.code) == (403, "AccessDenied")


def test_a_server_out_of_reach_is_given_up() -> None:
    server = Loopback(lambda _: said(200))
    server.stop()
    paused: list[float] = []

    with pytest.raises(S3Cut):
        S3(f"{server.url}/things", KEYS, clock=time.time, pause=paused.append).ask("GET", "a", {})

    assert len(paused) == 8


def test_the_environment_says_where_and_who() -> None:
    ours = open_s3("things", {**ENVIRONMENT, "AWS_REGION": "eu-north-1"})
    theirs = open_s3("things", {**ENVIRONMENT, "AWS_ENDPOINT": "http://127.0.0.1:1/", "AWS_ALLOW_HTTP": "true"})

    assert ours is not None
    assert ours.address == "https://s3.eu-north-1.amazonaws.com/things"
    assert theirs is not None
    assert theirs.address == "http://127.0.0.1:1/things"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"AWS_ACCESS_KEY_ID": "somebody"},
        {**ENVIRONMENT, "AWS_SERVER_SIDE_ENCRYPTION": "aws:kms"},
        {**ENVIRONMENT, "AWS_ENDPOINT": "http://127.0.0.1:1"},
        {**ENVIRONMENT, "AWS_ENDPOINT": "file:///etc"},
    ],
)
def test_what_asks_for_more_than_keys_is_left_to_others(environment: dict[str, str]) -> None:
    assert open_s3("things", environment) is None


def test_what_elements_hold_is_told() -> None:
    body = '<R xmlns="x"><P><E>"1"</E></P><P><E>&quot;2&quot;</E></P></R>'

    assert all_told("E", body) == ['"1"', '"2"']
    assert told("None", body) == ""
