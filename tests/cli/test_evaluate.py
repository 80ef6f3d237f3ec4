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


def test_out_is_looked_at_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("not a folder")
    done = run(str(tmp_path / "none"), "--out", str(tmp_path / "results"))
    assert done.returncode == 2
    assert done.stderr == (
        f"ectopy: {tmp_path / 'results'} cannot be written to (Not a directory); "
        "make room or name another folder (--out)\n"
    )
    assert done.stdout == ""
