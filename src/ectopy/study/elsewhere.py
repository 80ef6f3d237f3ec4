"""Trainings of a study on a runner's workers: what they are told, and what they send back."""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import Final

from ectopy.errors import DataFormatError, EctopyError
from ectopy.files import atomic_write
from ectopy.runners.base import Runner
from ectopy.study.job import OUTCOME, Job, Unit
from ectopy.study.settings import StudyConfig
from ectopy.study.threads import Threads
from ectopy.training.start import start_keras
from ectopy.training.task import Silent

TRIES: Final = 3
"""Times that a training is begun whose worker dies, until it is given up."""


@dataclass(frozen=True)
class Training:
    """All that a worker is told of a training; it finds the data itself.

    Attributes
    ----------
    study : bytes
        Pickled: the settings, and where data is looked for first.
    data : str
        Tells the data that the study is on from any other.
    unit : Unit
        The training.
    threads : Threads
        How many the serial run would take.
    """

    study: bytes
    data: str
    unit: Unit
    threads: Threads


def train(training: Training) -> dict[str, bytes]:
    """Do a training in this process.

    Returns
    -------
    dict of str to bytes
        What it keeps: the names of its files, which may be in folders, and what is in them.

    Raises
    ------
    EctopyError
        If the data is not here, or not the same, or the settings cannot be trained.
    """
    with training.threads.taken(), tempfile.TemporaryDirectory(prefix="ectopy-") as folder:
        job = _job(training.study)
        if job.fingerprint() != training.data:
            raise DataFormatError(
                "a worker finds other data of the same name than the study was begun with; give "
                "workers the same files, or the same ones by ECTOPY_DATA"
            )
        place = Path(folder)
        job.run(training.unit, place, Silent())
        files = (path for path in sorted(place.rglob("*")) if path.is_file())
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def train_elsewhere(
    runner: Runner,
    config: StudyConfig,
    data_dir: Path | None,
    job: Job,
    places: Mapping[Unit, Path],
    told: Callable[[Unit], None],
) -> None:
    """Have trainings done, and keep what each sends back in its place as it comes.

    Parameters
    ----------
    runner : Runner
        Who does them.
    config : StudyConfig
        The study.
    data_dir : Path, optional
        Where data is looked for first, by the workers too.
    job : Job
        The study, made ready here.
    places : mapping of Unit to Path
        The trainings to do, and where each is to be kept.
    told : callable
        Told of each that is kept.

    Raises
    ------
    EctopyError
        If one cannot be done; what others sent by then is kept.
    """
    study = pickle.dumps((config.absolute(), data_dir and data_dir.absolute()))
    data, threads = job.fingerprint(), Threads.here()
    waiting = _Waiting(Training(study, data, unit, threads) for unit in places)
    tries: Counter[Unit] = Counter()
    with closing(runner.run(train, waiting, Event())) as running:
        for done in running:
            unit = done.task.unit
            if done.error:
                raise done.error
            if done.died:
                tries[unit] += 1
                if tries[unit] == TRIES:
                    raise EctopyError(
                        f"the training {unit.name} ended its worker {TRIES} times ({done.died}); "
                        "give workers more memory, and give the same command again"
                    )
                waiting.again(done.task)
                continue
            _keep(done.value or {}, places[unit])
            told(unit)


class _Waiting(Iterator[Training]):
    """Trainings to begin; one whose worker died comes again."""

    def __init__(self, trainings: Iterable[Training]) -> None:
        self._left = deque(trainings)

    def again(self, training: Training) -> None:
        self._left.append(training)

    def __next__(self) -> Training:
        if not self._left:
            raise StopIteration
        return self._left.popleft()


def _keep(files: Mapping[str, bytes], place: Path) -> None:
    for name in sorted(files, key=lambda name: name == OUTCOME):  # last: it marks it as done
        atomic_write(place / name, files[name])


@lru_cache(maxsize=1)  # a worker does many trainings of a study
def _job(study: bytes) -> Job:
    config, data_dir = pickle.loads(study)
    job: Job = config.prepare(data_dir)
    if config.trains:
        start_keras()
    return job
