"""The `kernels` trainer: logistic regression on similarity to training beats."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "KernelSettings",
    "fit_kernels",
    "solve_logistic",
]

if TYPE_CHECKING:
    from ectopy.training.kernel_machine.regression import solve_logistic
    from ectopy.training.kernel_machine.trainer import KernelSettings, fit_kernels
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "KernelSettings": "ectopy.training.kernel_machine.trainer",
            "fit_kernels": "ectopy.training.kernel_machine.trainer",
            "solve_logistic": "ectopy.training.kernel_machine.regression",
        },
    )
