"""The rules of the house, each a function that yields the offences of one file."""

import ast
import io
import os
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from agentreplay.collecting import without_collections

__all__ = [
    "LONGEST_FILE",
    "LONGEST_FUNCTION",
    "WITHOUT_MODULE",
    "File",
    "Rule",
    "code",
    "download_address",
    "home_folder",
    "import_in_function",
    "long_file",
    "long_function",
    "missing_docstring",
    "orphaned_test",
    "print_call",
    "repository",
    "told_origin",
    "wrong_all",
]

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "src/agentreplay"
MADE_BY_TOOLS = {"node_modules", "__pycache__", "build", "dist"}
HIDDEN_BUT_OURS = {".ci", ".editorconfig", ".gitattributes", ".github", ".gitignore"}

LONGEST_FILE = 400
LONGEST_FUNCTION = 80

WITHOUT_MODULE = {
    "tests/test_house_rules.py": "is about the repository",
    "tests/test_together.py": "is about a tool of the repository",
    "tests/test_crash.py": "kills whole processes; what must survive is a promise of several modules",
    "tests/core/test_sources.py": "is about hooks, telemetry and files of one session together",
    "tests/server/test_killed.py": "kills whole servers, as tests/test_crash.py does with writers",
    "tests/server/test_tenants.py": "asks every route there is",
    "tests/store/contract": "is the suite of a port and runs against every adapter",
    "tests/store/test_state_machine.py": "compares every adapter with a plain model, for sequences nobody thought of",
    "tests/test_one_hand.py": "asks all faces the same questions",
    "tests/test_one_name.py": "compares the words of all faces",
    "tests/docs": "is about the documentation",
    "tests/golden": "is about recordings of earlier releases",
    "tests/ui": "looks at the web UI in a browser",
    "tests/slow": "is about what disks and power do",
}
"""Tests that stand for no single module, each with the reason; a folder names all that is in it."""

REASONS_TO_IMPORT_LATE = ("optional extra", "start-up")
TYPE_VARIABLES = {"ParamSpec", "TypeVar", "TypeVarTuple"}

# A home folder tells whose machine a file came from. /home/user and /home/you are nobody's; @/home is of the web UI.
HOME_FOLDER = re.compile(
    r"(?<![\w.~@-])(?:/(?:home|Users)/(?!(?:user|you)\b)\w+|/root/\w+|[A-Z]:\\+Users\\+(?!(?:user|you)\b)\w+)"
)
# What the product records may well speak of such things; what must not appear is such a remark about itself.
ORIGIN = re.compile(
    r"co-authored[-]by:"
    r"|\bas an? (?:ai|large) language model\b"
    r"|\bgenerated (?:by|with) \[?(?:aider|claude|codex|copilot|cursor|devin|gemini)\b"
    r"|\b(?:this|the) (?:code|commit|file|module|package|page|project|repository|test)s? (?:was|were|is|are) "
    r"(?:\w+ly )?(?:built|created|developed|generated|written) (?:by|with) (?:an? )?"
    r"(?:agent|ai|assistant|bot|chatbot|claude|codex|copilot|cursor|gemini|gpt|llm|machine|model)\b",
    re.IGNORECASE,
)
# npm notes beside a package where its makers take money.
TO_GIVE = re.compile(r'^ *(?:"url": )?"https://[^"]*",?$', re.MULTILINE)
DOWNLOAD_ADDRESS = re.compile(r"\w+://\S*|--(?:extra-)?index-url|--find-links|\bfile:")


@dataclass(frozen=True)
class File:
    """A text of the repository; the path is relative to its root and has slashes."""

    path: str
    text: str

    @cached_property
    @without_collections()
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    @without_collections()
    def nodes(self) -> list[ast.AST]:
        """All of the tree, walked once for the several rules that ask for it."""
        return list(ast.walk(self.tree))

    @property
    def opening(self) -> str:
        """The docstring of a module. Only as much is read as it takes: the tree of every file is dear."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in {tokenize.COMMENT, tokenize.NL}:
                break
        else:
            return ""
        return str(ast.literal_eval(token.string)) if token.type == tokenize.STRING else ""

    @cached_property
    def comments(self) -> dict[int, str]:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from (node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


Rule = Callable[[File], Iterator[str]]


@cache
def repository() -> list[File]:
    """Every text in the repository, without what tools put there and what was recorded elsewhere."""
    found: list[File] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = filter(_is_ours, sorted(folders))
        for name in filter(_is_ours, sorted(names)):
            path = Path(folder, name)
            relative = path.relative_to(ROOT).as_posix()
            if relative.startswith("tests/golden/") and path.suffix != ".py":
                continue
            try:
                found.append(File(relative, path.read_text(encoding="utf-8")))
            except (UnicodeDecodeError, FileNotFoundError):
                continue  # not a text, or a passing file of another test
    return found


def code(*folders: str) -> list[File]:
    """The Python files in these folders of the repository."""
    starts = tuple(f"{folder}/" for folder in folders)
    return [file for file in repository() if file.path.endswith(".py") and file.path.startswith(starts)]


def long_file(file: File) -> Iterator[str]:
    lines = len(file.text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{file.path}: {lines} lines"


def missing_docstring(file: File) -> Iterator[str]:
    if not file.opening.strip():
        yield f"{file.path}:1"


def orphaned_test(file: File) -> Iterator[str]:
    """A test file is tests/<path>/test_<name>.py, or one of several in tests/<path>/<name>/."""
    *folders, name = file.path.removeprefix("tests/").split("/")
    if not name.startswith("test_") or any(
        file.path == exception or file.path.startswith(f"{exception}/") for exception in WITHOUT_MODULE
    ):
        return
    stem = name.removeprefix("test_").removesuffix(".py")
    package = "/".join([PACKAGE, *folders])
    module = f"{package}/{stem}.py"
    wanted = [module, f"{package}/_{stem}.py", f"{package}/{stem}/__init__.py", f"{package}.py"]
    if not any((ROOT / path).is_file() for path in wanted):
        yield f"{file.path}: there is no {module}"


def wrong_all(file: File) -> Iterator[str]:
    names = file.path.removesuffix(".py").split("/")
    if any(name.startswith("_") and name != "__init__" for name in names) or _is_only_docstring(file.tree):
        return
    declared = _declared(file.tree)
    if declared is None:
        yield f"{file.path}: declares no __all__, or not as a plain list of strings"
        return
    defined = set(_defined(file.tree.body))
    known = defined | {"__version__"}
    if names[-1] == "__init__":
        known |= set(_imported(file))
    if lacking := sorted(defined - declared):
        yield f"{file.path}: __all__ lacks {', '.join(lacking)}"
    if surplus := sorted(declared - known):
        yield f"{file.path}: __all__ names what is not defined here: {', '.join(surplus)}"


def import_in_function(file: File) -> Iterator[str]:
    if not any(isinstance(node, ast.Import | ast.ImportFrom) and node.col_offset for node in file.nodes):
        return  # most files have no indented import, and their functions need not be walked one by one
    late = {
        node.lineno: node
        for function in file.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    for line, node in sorted(late.items()):
        last = node.end_lineno or line
        said = " ".join(file.comments.get(number, "") for number in range(line, last + 1))
        if not any(reason in said for reason in REASONS_TO_IMPORT_LATE):
            yield f"{file.path}:{line}: {ast.unparse(node)}"


def long_function(file: File) -> Iterator[str]:
    for function in file.functions:
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > LONGEST_FUNCTION:
            yield f"{file.path}:{function.lineno}: {function.name} has {lines} lines"


def print_call(file: File) -> Iterator[str]:
    if file.path.startswith(f"{PACKAGE}/cli/"):
        return
    for node in file.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"{file.path}:{node.lineno}"


def home_folder(file: File) -> Iterator[str]:
    return _matches(HOME_FOLDER, file)


def told_origin(file: File) -> Iterator[str]:
    return _matches(ORIGIN, file)


def download_address(file: File) -> Iterator[str]:
    """Lock files name what to install, not where from: that is for each machine to say."""
    if file.path.endswith("package-lock.json") or file.path.startswith("requirements/"):
        yield from _matches(DOWNLOAD_ADDRESS, File(file.path, TO_GIVE.sub("", file.text)))


def _is_ours(name: str) -> bool:
    return name not in MADE_BY_TOOLS and (not name.startswith(".") or name in HIDDEN_BUT_OURS)


def _matches(pattern: re.Pattern[str], file: File) -> Iterator[str]:
    for match in pattern.finditer(file.text):
        number = file.text.count("\n", 0, match.start()) + 1
        yield f"{file.path}:{number}: {match.group()}"


def _is_only_docstring(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Expr) for node in tree.body)


def _declared(tree: ast.Module) -> set[str] | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                break
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=value) if value is not None:
                break
    else:
        return None
    try:
        return set(ast.literal_eval(value))
    except ValueError:
        return None


def _defined(body: list[ast.stmt]) -> Iterator[str]:
    """The public names that statements at module level define."""
    for node in body:
        names: list[str] = []
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names = [name]
            case ast.Assign(value=ast.Call(func=ast.Name(id=maker))) if maker in TYPE_VARIABLES:
                pass  # a type variable is part of a signature, not of the interface
            case ast.Assign(targets=[ast.Name(id="TYPE_CHECKING")]):
                pass  # what `typing` would be imported for, where that takes too long
            case ast.Assign(targets=targets):
                parts = (part for target in targets for part in ast.walk(target))
                names = [part.id for part in parts if isinstance(part, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case ast.If(body=inner, orelse=other):
                names = [*_defined(inner), *_defined(other)]
            case ast.Try(body=inner, orelse=other, handlers=handlers):
                rescue = [statement for handler in handlers for statement in handler.body]
                names = [*_defined(inner), *_defined(other), *_defined(rescue)]
            case _:
                pass
        yield from (name for name in names if not name.startswith("_"))


def _imported(file: File) -> Iterator[str]:
    for node in file.nodes:
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
