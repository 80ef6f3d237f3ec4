"""What the documents and the packaging say of the repository is so."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

import ectopy

SOURCE = Path(ectopy.__file__).parent
ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *SOURCE.rglob("*.md")])
REGISTRIES = {
    "models/registry.py": "MODELS",
    "datasets/registry.py": "DATASETS",
    "datasets/wfdb/databases.py": "WFDB_DATABASES",
    "recordings/formats/__init__.py": "FORMATS",
    "report/figures/registry.py": "FIGURES",
    "cli/__init__.py": "app",
}


def written(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", written(page)):
        if not re.match(r"https?://|#", target):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_every_path_in_contributing_and_the_plan_is_there() -> None:
    for page in (ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md"):
        paths = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", written(page))
        assert len(paths) > 8
        for path in paths:
            if path not in ("report/figures", "…"):
                assert (ROOT / path).exists() or (SOURCE / path).exists(), f"{page.name}: {path}"


def test_contributing_names_the_files_that_hold_the_registries() -> None:
    page = written(ROOT / "CONTRIBUTING.md")
    rows = re.findall(r"^\|.*\| `(?!tests/)([\w/.]+)` \|$", page, re.MULTILINE)
    assert set(rows) == set(REGISTRIES)
    for path, name in REGISTRIES.items():
        tree = ast.parse(written(SOURCE / path))
        targets = [
            target
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        ]
        assert name in {target.id for target in targets if isinstance(target, ast.Name)}, path


def test_a_database_that_choices_were_made_on_is_called_a_development_set() -> None:
    """Whatever says how good the packaged weights are on svdb says what svdb was used for."""
    for page in (
        ROOT / "README.md",
        ROOT / "docs" / "results" / "interpatient.md",
        ROOT / "docs" / "results" / "r-peaks.md",
        SOURCE / "runtime" / "weights" / "README.md",
    ):
        text = written(page)
        assert "development set" in text, page.name
        assert not re.search(r"svdb[^|]{0,60}never (?:saw|seen)", text), page.name


def test_text_is_read_and_written_as_utf_8_everywhere() -> None:
    """Without an encoding, a file of Windows' own code page is written there."""
    found = 0
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(written(path))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            keywords = {keyword.arg for keyword in node.keywords}
            if name in ("read_text", "write_text") or (name == "open" and _text(node)):
                found += 1
                assert "encoding" in keywords, f"{path}:{node.lineno}"
    assert found > 15


def _text(node: ast.Call) -> bool:
    """Tell whether an ``open`` is of a text file, and not `os.open` or a member of an archive."""
    if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "request":
        return False  # ectopy.Request.open gives a recording
    given = node.args[1:] if isinstance(node.func, ast.Name) else node.args
    modes = [*given, *(k.value for k in node.keywords if k.arg == "mode")]
    if not modes:
        return True
    mode = modes[0].value if isinstance(modes[0], ast.Constant) else "not told"
    return re.fullmatch(r"[rwax]t?\+?", str(mode)) is not None


def test_the_readme_of_a_package_index_has_no_relative_link() -> None:
    tool = tomllib.loads(written(ROOT / "pyproject.toml"))["tool"]["hatch"]
    text = written(ROOT / "README.md")
    assert re.search(r"\]\((?!http)", text)
    for rule in tool["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(rule["pattern"], rule["replacement"], text)
    addresses = re.findall(r"(!?)\[[^\]]*\]\(([^)]*)\)", text)
    assert len(addresses) > 10
    for picture, address in addresses:
        host = "raw.githubusercontent.com/ectopy/ectopy/main/" if picture else "github.com/ectopy/"
        assert address.startswith(f"https://{host}"), address


def test_what_is_packed_is_listed_and_what_demo_writes_is_ignored() -> None:
    build = tomllib.loads(written(ROOT / "pyproject.toml"))["tool"]["hatch"]["build"]
    packed = build["targets"]["sdist"]["include"]
    assert all((ROOT / path.lstrip("/")).exists() for path in packed)
    assert "/src/ectopy" in packed
    default = re.search(r'Path\("([\w-]+)"\),?$', written(SOURCE / "cli" / "demo.py"), re.MULTILINE)
    assert default is not None
    assert f"/{default[1]}/" in written(ROOT / ".gitignore").splitlines()
