"""Augmentation, balancing, the fit loop and export."""
