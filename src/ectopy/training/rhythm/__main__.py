"""``python -m ectopy.training.rhythm DATA OUT``: make the rhythm weights anew."""

from __future__ import annotations

import sys
from pathlib import Path

from ectopy.training.rhythm.strip_train import train_strips
from ectopy.training.rhythm.train import train

if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m ectopy.training.rhythm FOLDER_OF_DATABASES FOLDER_OF_WEIGHTS")
    train(Path(sys.argv[1]), Path(sys.argv[2]))
    train_strips(Path(sys.argv[1]), Path(sys.argv[2]))
