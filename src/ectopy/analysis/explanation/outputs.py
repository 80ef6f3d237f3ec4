"""What an explanation leaves on disk: a page and its figures, whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ectopy.analysis.explanation.model import BeatExplanation
from ectopy.errors import ConfigError
from ectopy.files import aside


def write(why: BeatExplanation, folder: str | os.PathLike[str]) -> list[Path]:
    """Write an explanation into a folder, which is made if it is not there.

    Parameters
    ----------
    why : BeatExplanation
        With its result's recording.
    folder : path
        Gets ``NAME.0h12m30.25s.html`` and ``.json``, named by the time from the start; those of
        the same beat are overwritten.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ConfigError
        If the folder cannot be written to, or the recording is not at hand.
    """
    target = Path(folder)
    whole = round(100 * why.time_s)
    hours, minutes, hundredths = whole // 360_000, whole // 6000 % 60, whole % 6000
    stem = f"{why.record}.{hours}h{minutes:02}m{hundredths / 100:05.2f}s"
    page = why.page()
    try:
        with aside(target) as temporary:
            (temporary / f"{stem}.html").write_text(page, encoding="utf-8")
            told = json.dumps(why.to_json(), indent=2, ensure_ascii=False)
            (temporary / f"{stem}.json").write_text(told + "\n", encoding="utf-8")
            return [
                (temporary / f"{stem}{end}").replace(target / f"{stem}{end}")
                for end in (".html", ".json")
            ]
    except OSError as error:
        raise ConfigError(
            f"the explanation cannot be written to {target} ({error.strerror or error}); make room "
            "or name another folder",
            change="out",
        ) from error
