"""The beat classes: one order, one name and one colour each, everywhere."""

from typing import Final

AAMI: Final = ("N", "S", "V", "F", "Q")
"""AAMI EC57 classes in the order used by every array, table and figure."""

AAMI_NAMES: Final = {
    "N": "normal or bundle branch block",
    "S": "supraventricular ectopic (SVEB)",
    "V": "ventricular ectopic (VEB)",
    "F": "fusion of ventricular and normal",
    "Q": "paced or unclassifiable",
}

ECG5000: Final = ("normal", "R-on-T PVC", "PVC", "SP or EB", "unclassified")
"""ECG5000 classes 1 to 5, as the literature names them; the archive itself does not."""

# Okabe and Ito's palette (jfly.uni-koeln.de/color), told apart with any common colour vision;
# its yellow is left out because it vanishes on white paper.
COLOURS: Final = ("#0072B2", "#E69F00", "#D55E00", "#009E73", "#CC79A7")
"""One colour for each class, by its position in the class order."""
