import subprocess
import sys
from pathlib import Path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ectopy", "evaluate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_one_sentence_where_there_is_nothing(tmp_path: Path) -> None:
    done = run(str(tmp_path / "none"))
    assert done.returncode == 2
    assert done.stderr.startswith("ectopy: ")
    assert "expected a folder of WFDB records" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
