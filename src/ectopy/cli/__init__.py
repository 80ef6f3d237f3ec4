"""The command line: one verb a job, one file a verb, no logic of its own."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated

import typer

from ectopy import __version__
from ectopy.cli import (
    analyze,
    archive,
    bench,
    compare,
    data,
    demo,
    evaluate,
    explain,
    rhythm,
    serve,
    study,
)
from ectopy.cli.messages import sentence
from ectopy.errors import ConfigError, EctopyError

__all__ = ["app"]

app = typer.Typer(
    name="ectopy",
    help="Train, prove, explain and deploy heartbeat classifiers for the ECG.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# One line a verb: app.command("verb")(module.function) or app.add_typer(module.app, name="verb").
# Modules of this room import only typer at the top, and their rooms inside the functions,
# so that asking for help or labelling a recording never loads Keras.


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ectopy {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Take the options that every verb shares; ``main`` looks for ``--debug`` itself."""


app.command("evaluate")(evaluate.evaluate)
app.command("analyze")(analyze.analyze)
app.add_typer(archive.app, name="archive")
app.command("compare")(compare.compare)
app.command("rhythm")(rhythm.rhythm)
app.command("demo")(demo.demo)
app.add_typer(bench.app, name="bench")
app.command("explain")(explain.explain)
app.command("serve")(serve.serve)
app.command("study")(study.study)
app.add_typer(data.app, name="data")


def _refuse_empty(words: list[str]) -> None:
    """Refuse an empty word, which as a path would mean the folder one stands in."""
    for i, word in enumerate(words):
        option, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
        if value.strip() or (option and not equals):
            continue
        before = words[i - 1] if i else ""
        what = option or (before if before.startswith("--") and "=" not in before else "")
        raise ConfigError(
            f"{f'the value after {what}' if what else f'word {i + 1} of the command'} is empty; "
            "give one, and if it came from a variable of the shell, set that"
        )


def main() -> None:
    """Run the command line; what goes wrong ends in one sentence, without a traceback.

    Exit codes: 2 for what the user can mend, 1 for what only we can and for a closed pipe, 130
    for Ctrl-C.
    """
    debug = "--debug" in sys.argv[1:]
    if debug:  # allowed anywhere on the line
        sys.argv = [sys.argv[0], "--debug", *(a for a in sys.argv[1:] if a != "--debug")]
    try:
        try:
            _refuse_empty(sys.argv[1:])
            app()
        finally:
            sys.stdout.flush()  # here, where a closed pipe can still be caught
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more
        sys.exit(1)
    except Exception as error:
        if debug:
            traceback.print_exc()
        verb = " ".join(["ectopy", *sys.argv[1:2]])
        typer.echo(f"ectopy: {sentence(error, verb)}", err=True)
        sys.exit(2 if isinstance(error, EctopyError | OSError) else 1)
