"""The `kernels` trainer: logistic regression on similarity to training beats."""
