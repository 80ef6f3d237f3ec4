"""ectopy: train, prove, explain and deploy heartbeat classifiers for the ECG.

What people come for stands here by flat names, each imported when it is first asked for.

Examples
--------
>>> import ectopy
>>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
>>> result = ectopy.analyze(recording)
>>> len(result.beats) == len(reference)
True
"""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__version__ = "0.1.0"

__all__ = [
    "Annotations",
    "BeatClassifier",
    "Bundle",
    "EctopyError",
    "HeartbeatClassifier",
    "Recording",
    "Request",
    "Result",
    "Settings",
    "Stream",
    "__version__",
    "analyze",
    "compare_annotations",
    "detect",
    "evaluate",
    "load_dataset",
    "open_recording",
    "pieces",
    "rhythm",
    "run_study",
    "simulate",
]

if TYPE_CHECKING:
    from ectopy.analysis.analyze import analyze
    from ectopy.analysis.annotators import compare_annotations
    from ectopy.analysis.evaluate import evaluate
    from ectopy.analysis.pieces import pieces
    from ectopy.analysis.request import Request
    from ectopy.analysis.result import Result
    from ectopy.analysis.settings import Settings
    from ectopy.analysis.stream import Stream
    from ectopy.beats.detection.r_peaks import detect
    from ectopy.datasets.registry import load as load_dataset
    from ectopy.errors import EctopyError
    from ectopy.recordings.annotations import Annotations
    from ectopy.recordings.open import open_recording
    from ectopy.recordings.recording import Recording
    from ectopy.recordings.simulation.simulate import simulate
    from ectopy.runtime.bundle import Bundle
    from ectopy.runtime.classifier import BeatClassifier
    from ectopy.runtime.rhythm.episodes import rhythm_of as rhythm
    from ectopy.study.run import run_study
    from ectopy.training.estimator import HeartbeatClassifier
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Annotations": "ectopy.recordings.annotations",
            "BeatClassifier": "ectopy.runtime.classifier",
            "Bundle": "ectopy.runtime.bundle",
            "EctopyError": "ectopy.errors",
            "HeartbeatClassifier": "ectopy.training.estimator",
            "Recording": "ectopy.recordings.recording",
            "Request": "ectopy.analysis.request",
            "Result": "ectopy.analysis.result",
            "Settings": "ectopy.analysis.settings",
            "Stream": "ectopy.analysis.stream",
            "analyze": "ectopy.analysis.analyze",
            "compare_annotations": "ectopy.analysis.annotators",
            "detect": "ectopy.beats.detection.r_peaks",
            "evaluate": "ectopy.analysis.evaluate",
            "load_dataset": "ectopy.datasets.registry:load",
            "open_recording": "ectopy.recordings.open",
            "pieces": "ectopy.analysis.pieces",
            "rhythm": "ectopy.runtime.rhythm.episodes:rhythm_of",
            "run_study": "ectopy.study.run",
            "simulate": "ectopy.recordings.simulation.simulate",
        },
    )
