"""The library speaks of parameters, the command line of options."""

import ast
from pathlib import Path

import pytest

import ectopy
from ectopy.cli.messages import OPTIONS, sentence
from ectopy.errors import Cancelled, ConfigError, DataNotFoundError

SOURCE = Path(ectopy.__file__).parent
ROOMS = (
    "analysis", "beats", "datasets", "evaluation", "explain", "models", "recordings", "report",
    "runtime", "study",
)  # fmt: skip


def test_options_are_added_to_what_the_library_says() -> None:
    plain = ConfigError("results cannot be written to; name another folder")
    told = ConfigError("results hold another recording; name another", change=("out", "overwrite"))
    assert sentence(plain, "x") == str(plain)
    assert sentence(told, "x") == "results hold another recording; name another (--out, --force)"
    assert sentence(DataNotFoundError("a", change="data_dir"), "x") == "a (--data)"
    assert Cancelled("stopped").change == ()


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_every_parameter_that_an_error_names_has_an_option() -> None:
    named = set()
    for path in SOURCE.rglob("*.py"):
        for call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            for keyword in call.keywords:
                if keyword.arg == "change" and "Error" in ast.unparse(call.func):
                    named |= {
                        node.value
                        for node in ast.walk(keyword.value)
                        if isinstance(node, ast.Constant)
                    }
    assert {"fs_hz", "out", "setting", "weights"} <= named
    assert named <= OPTIONS.keys()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_prints_nothing_and_names_no_option(room: str) -> None:
    for path in (SOURCE / room).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [call for call in calls(tree) if ast.unparse(call.func) == "print"], path
        documents = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        said = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documents
        ]
        options = set(OPTIONS.values()) | {"--debug", "--quick", "--whole-recording"}
        assert not [text for text in said if any(option in text for option in options)], path
