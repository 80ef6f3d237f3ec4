import subprocess
import sys


def test_help_lists_the_verbs_without_loading_keras() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom ectopy.cli import app\n"
        "result = CliRunner().invoke(app, ['--help'])\n"
        "assert result.exit_code == 0, result.output\n"
        "assert 'keras' not in sys.modules and 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
