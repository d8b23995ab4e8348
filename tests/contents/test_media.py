"""Images and sounds in texts: taken out by themselves, and put back to the very same text."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.media import joined, media_type, media_value, parted, read_encoded
from agentreplay.intake.providers.samples import picture, sound
from agentreplay.model.ids import ContentHash
from agentreplay.model.values import Value


def back(text: str) -> str:
    found = parted(text)
    if found is None:
        return text
    shelf = {content.hash: content.data for content in found[1]}
    return joined(found[0], lambda digest: shelf[ContentHash(digest)])


def test_an_image_in_a_text_is_a_content_of_its_own() -> None:
    text = f'{{"data":[{{"b64_json":"{base64.b64encode(picture()).decode()}"}}]}}'

    found = parted(text)

    assert found is not None
    [content] = found[1]
    assert (content.data, content.media) == (picture(), "image/png")
    assert found[0] == ['{"data":[{"b64_json":"', {"$content": content.hash}, '"}]}']
    assert back(text) == text


def test_the_alphabet_of_addresses_is_kept() -> None:
    encoded = base64.urlsafe_b64encode(picture()).decode()
    assert "-" in encoded or "_" in encoded

    found = parted(encoded)

    assert found is not None
    reference: Value = found[0][1]
    assert reference["for_urls"] is True
    assert back(encoded) == encoded


def test_what_only_looks_like_base64_stays() -> None:
    assert read_encoded("abcd" * 500) is None
    assert read_encoded(base64.b64encode(b"only a text, " * 100).decode()) is None
    assert parted("a" * 5_000) is None
    assert parted("-" * 5_000) is None
    assert parted("words " * 5_000) is None


def test_data_is_known_by_its_beginning() -> None:
    assert media_type(picture()) == "image/png"
    assert media_type(sound()) == "audio/wav"
    assert media_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert media_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert media_type(b"who knows") == "application/octet-stream"


def test_an_image_or_a_sound_says_what_it_is_and_how_large() -> None:
    assert media_value(picture(), "") == {"media": "image/png", "bytes": len(picture())}
    assert media_value(sound(), "application/octet-stream") == {"media": "audio/wav", "bytes": len(sound())}
    assert media_value(b"\0", "audio/webm") == {"media": "audio/webm", "bytes": 1}
    assert media_value(b"who knows", "") is None
    assert media_value(b"%PDF-1.7", "") is None
    assert media_value(b"", "audio/wav") is None


@given(
    st.lists(
        st.text(max_size=40)
        | st.integers(700, 3_000).map(lambda size: base64.b64encode((b"\0\xff\x10" + picture()) * 2)[:size].decode())
        | st.integers(0, 4).map(lambda cut: base64.urlsafe_b64encode(picture()[cut:]).decode()),
        max_size=5,
    )
)
def test_every_text_comes_back(parts: list[str]) -> None:
    assert back("".join(parts)) == "".join(parts)
