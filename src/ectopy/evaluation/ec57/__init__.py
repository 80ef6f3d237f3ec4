"""Beat-by-beat statistics of ANSI/AAMI EC57, as PhysioNet's `bxb` and `sumstats` report them."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Matrix",
    "Pairs",
    "match",
    "pair",
    "statistics",
]

if TYPE_CHECKING:
    from ectopy.evaluation.ec57.counting import Matrix, match, statistics
    from ectopy.evaluation.ec57.pairing import Pairs, pair
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Matrix": "ectopy.evaluation.ec57.counting",
            "Pairs": "ectopy.evaluation.ec57.pairing",
            "match": "ectopy.evaluation.ec57.counting",
            "pair": "ectopy.evaluation.ec57.pairing",
            "statistics": "ectopy.evaluation.ec57.counting",
        },
    )
