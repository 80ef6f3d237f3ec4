"""The weights that tell ventricular fibrillation, made anew, and the records they are judged on."""

__all__: list[str] = []
