"""Run a study of any kind: data, trainings, results, report, into a run folder."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from ectopy.errors import EctopyError
from ectopy.files import atomic_write
from ectopy.report.schema import METRICS
from ectopy.runners.base import Runner
from ectopy.study.config import load
from ectopy.study.elsewhere import train_elsewhere
from ectopy.study.folder import open_folder
from ectopy.study.job import OUTCOME
from ectopy.study.progress import Reporter
from ectopy.study.settings import StudyConfig
from ectopy.training.start import start_keras


def run_study(
    study: StudyConfig | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    reporter: Reporter | None = None,
    command: str | None = None,
    runner: Runner | None = None,
) -> Path:
    """Run a study, or go on with one that was killed.

    Parameters
    ----------
    study : StudyConfig, str or path
        What to do: settings, or a name or ``.toml`` file as `ectopy.study.load` takes them.
    out : path, optional
        Run folder; see `ectopy.study.folder.open_folder`.
    data_dir : path, optional
        Where data is looked for first.
    reporter : Reporter, optional
        Shows progress; by default nothing is shown.
    command : str, optional
        Line of the command line that asks for it, which manifest, report and card then tell.
    runner : Runner, optional
        Who does the trainings, several at a time; by default this process, one after the other.
        The figures are the same.

    Returns
    -------
    Path
        The finished run folder.

    Raises
    ------
    EctopyError
        If data, settings or folder cannot be used; nothing has been trained then.

    Examples
    --------
    >>> from ectopy.study.windows import WindowStudy
    >>> study = WindowStudy(
    ...     name="mine",
    ...     protocol="pooled",
    ...     seeds=1,
    ...     quick=True,
    ...     data={"name": "simulated-140", "options": {"patients": 2, "duration_s": 30}},
    ...     model={"name": "beat-kernels", "options": {"centres": 20}},
    ...     trainer="kernels",
    ... )
    >>> folder = ectopy.run_study(study, out="mine")
    >>> (folder / "report.html").is_file()
    True
    """
    begin = time.perf_counter()
    config = study if isinstance(study, StudyConfig) else load(study)
    where = None if data_dir is None else Path(data_dir)
    job = config.prepare(where)
    timing = {"data_s": time.perf_counter() - begin}
    show = reporter or Reporter(quiet=True)
    with contextlib.closing(open_folder(config, out, command)) as folder:
        show.start(config, folder.path, resumed=folder.resumed)
        moment = time.perf_counter()
        if config.trains:
            start_keras()
        timing["import_s"] = time.perf_counter() - moment
        places = {unit: folder.unit(unit.name) for unit in job.units}
        missing = {unit: place for unit, place in places.items() if not _done(place)}
        try:
            if runner is None:
                for number, (unit, place) in enumerate(places.items(), start=1):
                    if unit in missing:
                        with show.unit(unit, number, len(places)) as observer:
                            job.run(unit, place, observer)
            elif missing:
                kept = len(places) - len(missing)
                with show.units(kept, len(places)) as told:
                    train_elsewhere(runner, config, where, job, missing, told)
        except EctopyError:
            if not folder.resumed and not any(map(_done, places.values())):
                folder.withdraw()  # settings that cannot be trained
            raise
        timing["total_s"] = time.perf_counter() - begin
        metrics = job.results(places, folder.path, timing)
        atomic_write(folder.path / METRICS, metrics.model_dump_json(indent=1) + "\n")
        _report(folder.path)
        folder.finish(
            data=metrics.data.name,
            checksums=metrics.data.checksums,
            seeds=metrics.seeds,
            total_s=time.perf_counter() - begin,  # of this process, report included
        )
    show.end(config, folder.path, metrics)
    return folder.path


def _done(place: Path) -> bool:
    return (place / OUTCOME).is_file()


def _report(folder: Path) -> None:
    from ectopy.report.outputs import write_study_outputs

    write_study_outputs(folder)
