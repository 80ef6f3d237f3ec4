"""AAMI EC57 statistics, per-class metrics, calibration and intervals."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "apply_temperature",
    "bootstrap",
    "classification",
    "compare_pooled",
    "compare_records",
    "confusion_matrix",
    "coverage_risk",
    "expected_calibration_error",
    "fit_temperature",
    "from_confusion",
    "reliability",
    "wilson",
]

if TYPE_CHECKING:
    from ectopy.evaluation.calibration import (
        apply_temperature,
        coverage_risk,
        expected_calibration_error,
        fit_temperature,
        reliability,
    )
    from ectopy.evaluation.compare import compare_pooled, compare_records
    from ectopy.evaluation.intervals import bootstrap, wilson
    from ectopy.evaluation.metrics import classification, confusion_matrix, from_confusion
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "apply_temperature": "ectopy.evaluation.calibration",
            "bootstrap": "ectopy.evaluation.intervals",
            "classification": "ectopy.evaluation.metrics",
            "compare_pooled": "ectopy.evaluation.compare",
            "compare_records": "ectopy.evaluation.compare",
            "confusion_matrix": "ectopy.evaluation.metrics",
            "coverage_risk": "ectopy.evaluation.calibration",
            "expected_calibration_error": "ectopy.evaluation.calibration",
            "fit_temperature": "ectopy.evaluation.calibration",
            "from_confusion": "ectopy.evaluation.metrics",
            "reliability": "ectopy.evaluation.calibration",
            "wilson": "ectopy.evaluation.intervals",
        },
    )
