"""The programs in `bench/` run parts of the portal's code as text, which no other check reads."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
FILES = sorted(BENCH.rglob("*.py"))


def imports_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of everything that the programs in this file's strings import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "import " in node.value:
            try:
                program = ast.parse(node.value)
            except SyntaxError:
                continue  # words, not a program
            for each in ast.walk(program):
                if isinstance(each, ast.ImportFrom) and each.module:
                    yield from ((each.module, name.name) for name in each.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(BENCH)))
def test_what_a_program_in_text_imports_exists(path):
    missing = []
    for module, name in imports_in(ast.parse(path.read_text())):
        try:
            found = importlib.import_module(module)
            if not hasattr(found, name):
                importlib.import_module(f"{module}.{name}")
        except ImportError:
            missing.append(f"{module}.{name}")
    assert missing == []


def test_programs_in_text_are_found():
    assert ("members.mail.rendering", "write_mails") in set(imports_in(ast.parse((BENCH / "mail.py").read_text())))
