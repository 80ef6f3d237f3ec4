"""The weights that tell ventricular fibrillation, made anew: ``python -m`` this package."""
