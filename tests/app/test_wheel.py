"""The wheel carries all that the pages load: built, installed alone, and asked for each file."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ectopy.app

ROOT = Path(__file__).parents[2]
PAGES = Path(ectopy.app.__file__).parent
# Asks the installed application for pages and files, and for every file that these name.
ASK = """
import asyncio, re, sys, tempfile
from pathlib import Path
import httpx
import ectopy
from ectopy.app.create import create_app
from ectopy.review.service import Review
from ectopy.review.store import Store

async def main():
    assert ectopy.__file__.startswith(sys.argv[1]), ectopy.__file__
    review = Review(Store(Path(tempfile.mkdtemp()) / "store"))
    transport = httpx.ASGITransport(create_app(review))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        left, seen = ["/", "/keys", "/review/" + "0" * 16], set()
        while left:
            address = left.pop()
            if address in seen:
                continue
            seen.add(address)
            answer = await http.get(address)
            assert answer.status_code == 200, (address, answer.status_code)
            kind = answer.headers["content-type"]
            assert not address.endswith(".js") or "javascript" in kind, (address, kind)
            base = httpx.URL("http://127.0.0.1" + address)
            named = re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)
            if address.endswith(".js"):
                named += re.findall(
                    r'^(?:import|export|\\} from)[^"]*"(\\.[^"]+)"', answer.text, re.M)
                named += re.findall(r'import\\("(\\.[^"]+)"\\)', answer.text)
            left += [base.join(one).path for one in named]
    review.close()
    print("\\n".join(sorted(seen)))

asyncio.run(main())
"""


def test_the_installed_wheel_serves_every_page_and_script(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path)]
    if all(map(importlib.util.find_spec, ("hatchling", "hatch_fancy_pypi_readme"))):
        command.append("--no-build-isolation")
    built = subprocess.run([*command, str(ROOT)], capture_output=True, text=True)
    if "No matching distribution found for hatchling" in built.stderr:
        pytest.skip("no package index here to get the build backend from")
    assert built.returncode == 0, built.stderr
    [wheel] = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    install = ["install", "-q", "--no-deps", "--no-compile", "--target", str(installed), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True, capture_output=True)
    for kind in ("static", "templates"):
        ours = {p.relative_to(PAGES) for p in (PAGES / kind).rglob("*.*") if p.is_file()}
        theirs = installed / "ectopy" / "app"
        assert ours == {p.relative_to(theirs) for p in (theirs / kind).rglob("*.*")}
    asked = subprocess.run(
        [sys.executable, "-c", ASK, str(installed)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(installed)},
        cwd=tmp_path,
    )
    assert asked.returncode == 0, asked.stderr
    served = {line.removeprefix("/static/") for line in asked.stdout.split() if "." in line}
    files = {
        p.relative_to(PAGES / "static").as_posix()
        for p in (PAGES / "static").rglob("*.*")
        if p.is_file()
    }
    assert served == files  # nothing is missing, and nothing is there that no page loads
