"""`BeatModelRecipe`: every setting of the inter-patient beat model, its default and its meaning."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ectopy.classes import AAMI
from ectopy.training.inter_patient.augment_records import RecordAugmentation


class BeatModelRecipe(BaseModel):
    """How the beat model is trained; chosen on DS1 and svdb (docs/results/interpatient.md).

    Examples
    --------
    >>> from ectopy.training.inter_patient import BeatModelRecipe
    >>> BeatModelRecipe(members=1, copies=()).hidden
    1200
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    members: int = Field(
        3, ge=1, description="models averaged, each with its own copies and random units"
    )
    hidden: int = Field(
        1200, ge=1, description="random units of each member and of the first stage"
    )
    seen: int = Field(4, ge=1, description="features that each random unit sees")
    class_weights: tuple[float, ...] = Field(
        (1.0, 2.0, 4.0, 1.0, 0.1),
        min_length=len(AAMI),
        max_length=len(AAMI),
        description="weight of a beat in the order N S V F Q",
    )
    most: int = Field(
        150,
        ge=1,
        description="beats of each class but N that one record, or one copy, may weigh as much "
        "as: a patient with a thousand alike teaches what that patient looks like",
    )
    ridge: float = Field(1e-3, gt=0, description="penalty, as a share of the number of beats")
    copies: tuple[RecordAugmentation, ...] = Field(
        (
            *6 * (RecordAugmentation(),),
            *2 * (RecordAugmentation(flip=0.3, noise=0.2, jitter_s=0.02, one_lead=0.5),),
        ),
        description="each record is trained on as it is and once for each of these",
    )
    folds: int = Field(
        11, ge=2, description="groups of records left out in turn, for calibration and figures"
    )
