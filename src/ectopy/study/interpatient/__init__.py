"""The study `mitbih-interpatient`: trained on DS1, scored on DS2 and on svdb."""

__all__: list[str] = []
