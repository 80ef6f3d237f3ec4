"""`RecordStudy`: a study of whole records, as its TOML file has it."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ectopy.study.records.sets import SETS
from ectopy.study.settings import StudyConfig
from ectopy.training.inter_patient.recipe import BeatModelRecipe

if TYPE_CHECKING:
    from ectopy.study.job import Job


def _known(name: str) -> str:
    if name not in SETS:
        raise ValueError(f"expected one of {', '.join(SETS)}")
    return name


SetName = Annotated[str, AfterValidator(_known)]


class RecordStudy(StudyConfig):
    """The beat model trained on some records, and scored on others by EC57.

    Examples
    --------
    >>> from ectopy.study import load
    >>> load("mitbih-interpatient").test
    ('ds2', 'svdb')
    """

    kind: Literal["records"] = "records"
    protocol: Literal["inter-patient", "record-wise"] = Field(
        description="inter-patient where records are tested on, record-wise where the only "
        "figures are those of training records left out in turn"
    )
    seeds: int = Field(1, ge=1, description="how many times it is run, with seeds 0, 1, 2 ...")
    train: tuple[SetName, ...] = Field(
        (), description="sets of records to train on; without any, packaged weights are scored"
    )
    corrected: tuple[str, ...] = Field(
        (),
        description="folders that Result.write_training wrote into, whose records are trained on "
        "beside the sets; nothing is calibrated or judged by them",
    )
    test: tuple[SetName, ...] = Field(
        (), description="sets of records to score; report and card begin with the first"
    )
    robustness: tuple[SetName, ...] = Field(
        (), description="sets to score under noise, displaced peaks, other gains, rates, leads"
    )
    weights: str = Field(
        pattern=r"^[a-z0-9]+$",
        description="name of the weights that are made, or of the packaged ones that are scored",
    )
    rhythm: bool = Field(
        False,
        description="whether the packaged trees, which learnt fibrillation elsewhere (LTAFDB, and "
        "the beat times of DS1 and svdb), have a say in what is an S beat",
    )
    recipe: BeatModelRecipe = Field(default_factory=BeatModelRecipe)

    @property
    def trains(self) -> bool:
        """Whether there are records to train on; packaged weights need no Keras."""
        return bool(self.train)

    def absolute(self) -> Self:
        """Give the same study with whole paths of corrected records."""
        whole = tuple(str(Path(folder).absolute()) for folder in self.corrected)
        return self.model_copy(update={"corrected": whole})

    def quickened(self) -> Self:
        """Make it a look: five records of each set, a small model, one seed."""
        small = {"members": 1, "hidden": 100, "folds": 2, "copies": self.recipe.copies[:1]}
        return self.model_copy(
            update={
                "quick": True,
                "seeds": 1,
                "robustness": (),
                "published": (),
                "recipe": self.recipe.model_copy(update=small),
            }
        )

    def prepare(self, data_dir: Path | None) -> Job:
        """Find the records."""
        from ectopy.study.records.job import RecordJob

        return RecordJob(self, data_dir)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        scored = tuple(dict.fromkeys((*self.test, *self.robustness)))
        if not (self.train or scored):
            raise ValueError("it trains on no records and scores none; give train, test or both")
        if (self.protocol == "inter-patient") != bool(scored):
            wanted = "inter-patient" if scored else "record-wise"
            raise ValueError(
                f"protocol is {self.protocol!r}, and with test = {list(self.test)} it is {wanted!r}"
            )
        if self.corrected and not self.train:
            raise ValueError(
                "corrected names folders and train no set; corrected records teach beside sets, "
                "by which what was learnt is calibrated"
            )
        if not self.train and self.seeds > 1:
            raise ValueError("seeds is more than 1, and nothing is trained that could vary")
        for one, other in (
            *combinations(self.train, 2),
            *((t, s) for t in self.train for s in scored),
        ):
            a, b = SETS[one], SETS[other]
            if a.database is b.database and (both := {*a.records} & {*b.records}):
                raise ValueError(
                    f"the sets {one!r} and {other!r} share {len(both)} records; no record may be "
                    "trained on twice, or trained on and scored"
                )
        return self
