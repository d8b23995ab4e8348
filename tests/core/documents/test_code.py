"""Source code in blocks that can be read by themselves."""

from agentreplay.core.documents.code import blocks_of_code

PYTHON = '''"""Module."""

import os

# Why.
@cached
def first(a):
    if a:

        return 1
    else:
        return 2


class Second(
    Base,
):
    x = 1
'''
GO = """package main

// Says hello.
func (s *Server) Hello(name string) {
	return
}

type Thing struct {
	A int
}
"""


def test_definitions_are_blocks_with_what_introduces_them() -> None:
    found = [(one.heading, one.first_line, one.last_line) for one in blocks_of_code(PYTHON)]

    assert found == [("", 1, 3), ("first", 5, 12), ("Second", 15, 18)]


def test_other_languages_are_cut_likewise() -> None:
    found = [(one.heading, one.first_line, one.last_line) for one in blocks_of_code(GO)]

    assert found == [("", 1, 1), ("Hello", 3, 6), ("Thing", 8, 10)]
