"""The last event of a stream is found, however the stream is cut."""

import pytest

from agentreplay.core.endings import Ending

STREAMS = [
    ("text/event-stream", b'data: {"a":1}\n\n', b"data: [DONE]\n\n"),
    ("text/event-stream; charset=utf-8", b"event: a\ndata: {}\n\n", b'data: {"type":"message_stop"}\n\n'),
    ("text/event-stream", b"event: response.created\r\n\r\n", b"event: response.completed\r\ndata: {}\r\n\r\n"),
]


@pytest.mark.parametrize(("media", "first", "last"), STREAMS)
def test_the_last_event_is_found_wherever_the_stream_is_cut(media: str, first: bytes, last: bytes) -> None:
    whole = first + last

    for cut in range(1, len(whole)):
        ending = Ending(media)
        assert not ending.is_in(whole[:cut])
        assert ending.is_in(whole[cut:])


def test_what_a_model_says_is_no_ending() -> None:
    ending = Ending("text/event-stream")

    assert not ending.is_in(b'data: {"text":"\\ndata: [DONE] and \\"type\\":\\"message_stop\\""}\n\n')
    assert not Ending("application/json").is_in(b"\ndata: [DONE]\n\n")
