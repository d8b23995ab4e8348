"""How answers travel: tagged, compressed, and not at all to who has them."""

import gzip
import json
import sys

from tests.server.population import Population
from tests.server.running import Running

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def test_an_answer_is_not_sent_twice_to_who_has_it(server: Running, stored: Population) -> None:
    path = f"/api/v1/sessions/{stored.session}"
    first = server.ask(path)

    again = server.ask(path, if_none_match=f'"other", {first.headers["etag"]}')

    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert server.ask(path, if_none_match='W/"other"').status == 200


def test_long_answers_are_compressed_as_who_asks_can_read_it(server: Running) -> None:
    path = "/api/v1/openapi/openapi.json"
    plain = json.loads(server.ask(path).body)

    packed = server.ask(path, accept_encoding="gzip;q=1.0, zstd;q=0")
    best = server.ask(path, accept_encoding="gzip, deflate, br, zstd")

    assert (packed.headers["content-encoding"], json.loads(gzip.decompress(packed.body))) == ("gzip", plain)
    assert (best.headers["content-encoding"], json.loads(zstd.decompress(best.body))) == ("zstd", plain)
    assert "accept-encoding" in best.headers["vary"]


def test_short_answers_and_errors_are_sent_as_they_are(server: Running) -> None:
    for path in ("/api/v1/version", "/api/v1/sessions/nobody"):
        assert "content-encoding" not in server.ask(path, accept_encoding="gzip").headers
    assert "etag" not in server.ask("/api/v1/sessions/nobody").headers
