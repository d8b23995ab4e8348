"""Forms come back byte by byte, and are told by their fields."""

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.forms import FORM, Form, FormPart, form_value, read_form
from agentreplay.intake.providers.samples import picture


def part(name: str, data: bytes, filename: str | None = None, media: str = "") -> FormPart:
    head = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"\r\nContent-Type: {media}'
    return FormPart(head, data)


CAT = part("image[]", picture(), "cat.png", "image/png")


def test_a_form_is_told_by_its_fields() -> None:
    form = Form("frontier", [part("prompt", b"a hat"), CAT, CAT])

    assert form_value(form.whole(), FORM) == {
        "prompt": "a hat",
        "image": [{"filename": "cat.png", "media": "image/png", "bytes": len(picture())}] * 2,
    }


def test_what_is_no_form_is_none() -> None:
    whole = Form("frontier", [CAT]).whole()

    assert read_form(whole, "application/json") is None
    assert read_form(whole[:-3], FORM) is None
    assert read_form(b"--", FORM) is None
    assert form_value(b"{}", FORM) is None


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_every_form_comes_back(data: bytes, more: bytes) -> None:
    whole = Form("frontier", [part("a", data), part("b", more, "b.bin", "audio/wav")]).whole()

    form = read_form(whole, FORM)

    assert form is None or form.whole() == whole
    if b"frontier" not in data + more:
        assert form is not None
        assert [one.data for one in form.parts] == [data, more]


@given(st.binary(max_size=300))
def test_no_bytes_can_hurt(data: bytes) -> None:
    form = read_form(b"--" + data, FORM)

    assert form is None or form.whole() == b"--" + data
