"""The picture and the sound are real ones."""

import io
import wave

from agentreplay.intake.providers.samples import picture, sound


def test_the_sound_can_be_played() -> None:
    with wave.open(io.BytesIO(sound())) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (1, 8_000, 1_600)


def test_the_picture_is_as_large_as_a_small_real_one() -> None:
    assert picture().startswith(b"\x89PNG\r\n\x1a\n")
    assert picture().endswith(b"IEND\xaeB`\x82")
    assert len(picture()) > 1_024
