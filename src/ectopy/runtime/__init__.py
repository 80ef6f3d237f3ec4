"""Label beats with ONNX Runtime and the packaged weights; no Keras."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "BeatClassifier",
    "BeatLabels",
    "Bundle",
    "ModelContract",
]

if TYPE_CHECKING:
    from ectopy.runtime.bundle import Bundle
    from ectopy.runtime.classifier import BeatClassifier
    from ectopy.runtime.contract import ModelContract
    from ectopy.runtime.labels import BeatLabels
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "BeatClassifier": "ectopy.runtime.classifier",
            "BeatLabels": "ectopy.runtime.labels",
            "Bundle": "ectopy.runtime.bundle",
            "ModelContract": "ectopy.runtime.contract",
        },
    )
