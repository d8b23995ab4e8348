"""Objects come out the same wherever the stream is cut."""

import json

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import lines

objects = st.lists(
    st.dictionaries(st.text(), st.text() | st.dictionaries(st.text('{}"\\'), st.text('{}"\\')), max_size=4)
)


def read(*chunks: bytes) -> list[bytes]:
    return [found for _, found in lines.objects(chunks)]


@given(objects, st.sampled_from(["lines", "array", "pretty"]), st.data())
def test_objects_are_found_in_lines_and_arrays(said: list[object], shape: str, data: st.DataObject) -> None:
    if shape == "lines":
        whole = "".join(f"{json.dumps(item, ensure_ascii=False)}\n" for item in said).encode()
    else:
        whole = json.dumps(said, ensure_ascii=False, indent=2 if shape == "pretty" else None).encode()
    places = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))

    pieces = [whole[start:end] for start, end in zip([0, *places], [*places, len(whole)], strict=True)]

    assert [json.loads(found) for found in read(*pieces)] == said


def test_an_escape_may_be_cut() -> None:
    assert read(b'{"a": "\\', b'"}"}') == [b'{"a": "\\"}"}']


def test_what_was_cut_is_left_out() -> None:
    assert read(b'[{"a": 1}', b',\n{"b": {') == [b'{"a": 1}']


def test_what_stands_between_objects_is_passed_over() -> None:
    assert read(b'] } "x" , 1 {}\r\n{}') == [b"{}", b"{}"]


def test_an_object_has_the_number_of_the_chunk_that_completed_it() -> None:
    assert [number for number, _ in lines.objects([b"{", b"}{}", b"{}"])] == [1, 1, 2]
