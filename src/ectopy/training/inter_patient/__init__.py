"""The inter-patient beat model: records, augmentation, ridge regression, calibration, export."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "BeatModelRecipe",
    "RecordAugmentation",
    "RidgeSums",
    "TrainingRecord",
]

if TYPE_CHECKING:
    from ectopy.training.inter_patient.augment_records import RecordAugmentation
    from ectopy.training.inter_patient.recipe import BeatModelRecipe
    from ectopy.training.inter_patient.ridge import RidgeSums
    from ectopy.training.inter_patient.training_record import TrainingRecord
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "BeatModelRecipe": "ectopy.training.inter_patient.recipe",
            "RecordAugmentation": "ectopy.training.inter_patient.augment_records",
            "RidgeSums": "ectopy.training.inter_patient.ridge",
            "TrainingRecord": "ectopy.training.inter_patient.training_record",
        },
    )
