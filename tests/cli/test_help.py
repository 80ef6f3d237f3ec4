import subprocess
import sys
import time


def test_help_lists_the_verbs_without_loading_keras() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom ectopy.cli import app\n"
        "result = CliRunner().invoke(app, ['--help'])\n"
        "assert result.exit_code == 0, result.output\n"
        "assert 'keras' not in sys.modules and 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_import_is_quick() -> None:
    def measure() -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import ectopy"], check=True)
        return time.perf_counter() - begin

    bare = min(_bare() for _ in range(3))
    assert min(measure() for _ in range(3)) - bare < 0.3


def _bare() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begin
