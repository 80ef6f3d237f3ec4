from typer.testing import CliRunner

from ectopy.cli import app


def test_labelling_is_timed_in_pieces_and_in_one_call() -> None:
    result = CliRunner().invoke(app, ["bench", "label", "--beats", "200", "--repeats", "1"])
    assert result.exit_code == 0, result.output
    assert "200 beats" in result.output
    assert "SIMULATED" in result.output
    assert result.output.count("processor time") == 2
