"""The rules of the house hold for every file, and each of them bites."""

from collections.abc import Iterable

import pytest

from tests import house

EVERYWHERE = ("src", "tests", "benchmarks", "docs", "examples", "tools")


def complain(rule: house.Rule, files: Iterable[house.File], advice: str) -> None:
    if found := [offence for file in files for offence in rule(file)]:
        pytest.fail("\n  ".join([advice, *found]), pytrace=False)


def test_there_is_something_to_judge() -> None:
    assert len(house.code("src")) > 1
    assert len(house.code("tests")) > 1
    assert any(file.path == "Makefile" for file in house.repository())
    assert any(file.path == "requirements/dev.txt" for file in house.repository())


def test_no_file_is_too_long() -> None:
    complain(
        house.long_file,
        house.code(*EVERYWHERE),
        f"a file has at most {house.LONGEST_FILE} lines; move one of its concepts to a file of its own:",
    )


def test_every_module_opens_with_a_docstring() -> None:
    complain(
        house.missing_docstring,
        house.code(*EVERYWHERE),
        "begin the module with one sentence that says what it is for:",
    )


def test_tests_lie_where_their_modules_lie() -> None:
    complain(
        house.orphaned_test,
        house.code("tests"),
        "tests/ mirrors src/agentreplay/; name the file after the module it is about, "
        "or give the reason in WITHOUT_MODULE of tests/house.py:",
    )


def test_all_lists_exactly_what_is_public() -> None:
    complain(
        house.wrong_all,
        house.code("src"),
        "add the name to __all__, or begin it with an underscore if nobody else needs it:",
    )


def test_imports_stand_at_the_top() -> None:
    complain(
        house.import_in_function,
        house.code("src"),
        "move the import to the top of the file, or say why it is late: `# optional extra` or `# start-up`:",
    )


def test_no_function_is_too_long() -> None:
    complain(
        house.long_function,
        house.code("src"),
        f"a function has at most {house.LONGEST_FUNCTION} lines; give a part of it a name:",
    )


def test_only_the_command_line_prints() -> None:
    complain(
        house.print_call,
        house.code("src"),
        "return the text, or raise an error; only agentreplay.cli writes to the terminal:",
    )


def test_no_file_names_a_home_folder() -> None:
    complain(
        house.home_folder,
        house.repository(),
        "use a path relative to the repository, or in an example /home/user or /home/you:",
    )


def test_no_file_tells_how_it_came_about() -> None:
    complain(house.told_origin, house.repository(), "remove the remark; a file speaks of what it is for:")


def test_lock_files_carry_no_address() -> None:
    complain(house.download_address, house.repository(), "write the lock files with `make lock`:")


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (house.long_file, "src/agentreplay/a.py", "\n" * (house.LONGEST_FILE + 1)),
        (house.missing_docstring, "src/agentreplay/a.py", "A = 1\n"),
        (house.missing_docstring, "src/agentreplay/a.py", ""),
        (house.orphaned_test, "tests/test_nothing_of_ours.py", ""),
        (house.orphaned_test, "tests/model/test_nothing_of_ours.py", ""),
        (house.wrong_all, "src/agentreplay/a.py", "def public(): ..."),
        (house.wrong_all, "src/agentreplay/a.py", "__all__ = []\ndef public(): ..."),
        (house.wrong_all, "src/agentreplay/a.py", "__all__ = []\nA, _b = 1, 2"),
        (house.wrong_all, "src/agentreplay/a.py", "__all__ = []\nif True:\n    Alias: object = int"),
        (house.wrong_all, "src/agentreplay/a.py", "__all__ = ['gone']"),
        (house.wrong_all, "src/agentreplay/a.py", "from b import borrowed\n__all__ = ['borrowed']"),
        (house.wrong_all, "src/agentreplay/a.py", "import b\n__all__ = [*b.__all__]"),
        (
            house.import_in_function,
            "src/agentreplay/a.py",
            "def f():\n    import b  # late",
        ),
        (house.long_function, "src/agentreplay/a.py", "def f():\n" + "    f()\n" * house.LONGEST_FUNCTION),
        (house.print_call, "src/agentreplay/core/a.py", "print('here')"),
        (house.home_folder, "docs/a.md", "see /home/" + "alice/notes"),
        (house.home_folder, "docs/a.md", "see C:\\Users\\" + "alice"),
        (house.home_folder, "docs/a.md", '"/root' + '/notes"'),
        (house.told_origin, "docs/a.md", "Co-Authored" + "-By: somebody"),
        (house.told_origin, "docs/a.md", "This file was " + "written by an AI."),
        (house.download_address, "package-lock.json", '"resolved": "https://registry.example/a.tgz"'),
        (house.download_address, "ui/package-lock.json", '"resolved": "https://registry.example/a.tgz"'),
        (house.download_address, "requirements/dev.txt", "--index-url a"),
    ],
)
def test_a_rule_finds_its_offence(rule: house.Rule, path: str, text: str) -> None:
    assert list(rule(house.File(path, text)))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (house.orphaned_test, "tests/store/contract/test_reading.py", ""),
        (house.orphaned_test, "tests/slow/test_power.py", ""),
        (house.orphaned_test, "tests/settings/test_table.py", ""),
        (house.orphaned_test, "tests/conftest.py", ""),
        (
            house.wrong_all,
            "src/agentreplay/a.py",
            "import b\n__all__ = ['A']\nA = b.C\nT = TypeVar('T')\n_D = 1",
        ),
        (house.wrong_all, "src/agentreplay/a/__init__.py", "from b import C, D\n__all__ = ['C']"),
        (house.wrong_all, "src/agentreplay/a/__init__.py", '"""Nothing of its own."""'),
        (house.wrong_all, "src/agentreplay/_a.py", "def anything(): ..."),
        (house.import_in_function, "src/agentreplay/a.py", "def f():\n    import b  # optional extra: b"),
        (
            house.import_in_function,
            "src/agentreplay/a.py",
            "def f():\n    from b import (\n        c,  # start-up\n    )",
        ),
        (house.print_call, "src/agentreplay/cli/a.py", "print('here')"),
        (house.home_folder, "docs/a.md", "/home/user/notes, ~/notes, https://example.org/home/page, @/home/page"),
        (house.told_origin, "docs/a.md", "A session written by an agent is a recording."),
        (house.download_address, "docs/a.md", "https://example.org"),
        (house.download_address, "ui/package-lock.json", '"funding": {\n  "url": "https://example.org"\n}'),
    ],
)
def test_a_rule_leaves_the_rest_alone(rule: house.Rule, path: str, text: str) -> None:
    assert not list(rule(house.File(path, text)))
