"""``python -m ectopy.training.ventricular_fibrillation DATA FILE``: make the weights anew."""

from __future__ import annotations

import sys
from pathlib import Path

from ectopy.training.ventricular_fibrillation.fit import train

if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m ectopy.training.ventricular_fibrillation FOLDER FILE.json")
    train(Path(sys.argv[1]), Path(sys.argv[2]))
