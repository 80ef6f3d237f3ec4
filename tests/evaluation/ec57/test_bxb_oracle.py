"""What ``bxb`` and ``sumstats`` print for 16 records, number by number.

The oracle lies in ``oracle/bxb`` beside the data folder: disturbed annotations of MIT-BIH records
(``*.tst``) and the programs' output for the whole records and without their first five minutes.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from ectopy.evaluation.ec57.counting import Matrix, match, statistics
from ectopy.evaluation.ec57.table import percent
from ectopy.recordings.annotations import read_annotations

pytestmark = pytest.mark.data

# bxb -L: the columns of its first and second file, as sums of cells.
LINE1 = [
    "Nn+Nf+Nq",
    "Sn+Sf+Sq",
    "Vn+Vf+Vq",
    "Fn+Ff+Fq+Qn+Qf+Qq",
    "On+Of+Oq+Xn+Xf+Xq",
    "Ns",
    "Ss",
    "Vs",
    "Fs+Qs",
    "Os+Xs",
    "Nv",
    "Sv",
    "Vv",
    "Fv+Qv",
    "Ov+Xv",
    "No+Nx",
    "So+Sx",
    "Vo+Vx",
    "Fo+Fx+Qo+Qx",
]
LINE2 = ("Nx", "Sx", "Vx", "Fx", "Qx")
# bxb's standard report without S: its rows, o and x last.
STANDARD = {
    "N": "Nn+Ns+Sn+Ss Nv+Sv Nf+Sf Nq+Sq No+So Nx+Sx",
    "V": "Vn+Vs Vv Vf Vq Vo Vx",
    "F": "Fn+Fs Fv Ff Fq Fo Fx",
    "Q": "Qn+Qs Qv Qf Qq Qo Qx",
    "O": "On+Os Ov Of Oq",
    "X": "Xn+Xs Xv Xf Xq",
}
FIGURES = tuple((kind, key) for kind in ("QRS", "VEB", "SVEB") for key in ("se", "ppv"))


@pytest.fixture(scope="module")
def oracle(data_dir: Path) -> Path:
    folder = data_dir.parent / "oracle" / "bxb"
    if not folder.is_dir():
        pytest.skip(f"no oracle in {folder}")
    return folder


@pytest.fixture(scope="module", params=["all", "skip5"])
def compared(
    request: pytest.FixtureRequest, oracle: Path, data_dir: Path
) -> tuple[str, dict[str, Matrix]]:
    matrices = {
        record: match(
            read_annotations(data_dir / "mitdb" / record),
            read_annotations(oracle / record, "tst"),
            escape="S",
            skip_s=0 if request.param == "all" else 300,
            n_samples=650_000,
        )
        for record in (oracle / "RECORDS").read_text().split()
    }
    assert len(matrices) == 16
    return request.param, matrices


def test_record_lines(compared: tuple[str, dict[str, Matrix]], oracle: Path) -> None:
    name, matrices = compared
    entries = statistics(matrices, n_resamples=10)["records"]
    lines = (oracle / f"{name}.line1").read_text().splitlines()[1:]
    assert [line.split()[0] for line in lines] == list(matrices)
    for line in lines:
        record, *fields = line.split()
        assert [matrices[record].of(cells) for cells in LINE1] == [int(f) for f in fields[:19]]
        ours = [percent(entries[record][kind][key]).strip() for kind, key in FIGURES]
        assert ours == fields[19:25], record


def test_shutdown_lines(compared: tuple[str, dict[str, Matrix]], oracle: Path) -> None:
    name, matrices = compared
    for line in (oracle / f"{name}.line2").read_text().splitlines()[2:]:
        record, *fields = line.split()
        matrix = matrices[record]
        assert [matrix.of(cells) for cells in LINE2] == [int(field) for field in fields[:5]]
        missed = matrix.counts[:5, 6]
        totals = matrix.counts.sum(axis=1)
        shares = [(missed.sum(), totals[:5].sum()), *zip(missed[:4], totals[:4], strict=True)]
        ours = [percent(a / b if b else None).strip() for a, b in shares]
        assert ours == fields[5:10]
        assert int(fields[10]) == int(matrix.shutdown_s + 0.5)


def test_sums(compared: tuple[str, dict[str, Matrix]], oracle: Path) -> None:
    name, matrices = compared
    result = statistics(matrices, n_resamples=10)
    text = (oracle / f"{name}.sumstats1").read_text()
    fields = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    total = Matrix(np.sum([matrix.counts for matrix in matrices.values()], axis=0))
    assert [total.of(cells) for cells in LINE1] == [int(field) for field in fields["Sum"]]
    for row in ("gross", "average"):
        ours = [percent(result[row][kind][key]).strip() for kind, key in FIGURES]
        assert ours == fields[row.capitalize()][:6]
    # sumstats' totals leave out what the Q and F columns of the line file hold.
    veb = sum(total.of(cell) for cell in ("Vn+Vf+Vq", "Vs", "Vv", "Vo+Vx"))
    assert f"Total VEBs: {veb} " in text
    assert result["gross"]["VEB"]["tp"] + result["gross"]["VEB"]["fn"] == veb
    sveb = result["gross"]["SVEB"]["tp"] + result["gross"]["SVEB"]["fn"]
    assert re.search(rf"Total SVEBs: {sveb}$", text, re.M)
    qrs = result["gross"]["QRS"]["tp"] + result["gross"]["QRS"]["fn"]
    assert f"Total QRS complexes: {qrs} " in text
    second = (oracle / f"{name}.sumstats2").read_text()
    assert re.search(r"^Sum +" + " +".join(str(total.of(cells)) for cells in LINE2), second, re.M)


def test_matrices(compared: tuple[str, dict[str, Matrix]], oracle: Path) -> None:
    name, matrices = compared
    entries = statistics(matrices, n_resamples=10)["records"]
    reports = (oracle / f"{name}.matrices").read_text().split("Beat-by-beat comparison results")[1:]
    assert len(reports) == len(matrices)
    for report in reports:
        record = re.search(r"for record (\S+)", report)[1]  # type: ignore[index]
        matrix, entry = matrices[record], entries[record]
        for row, columns in STANDARD.items():
            counts = re.search(rf"^ {row} \|(.*)$", report, re.M)[1].split()  # type: ignore[index]
            assert [matrix.of(cells) for cells in columns.split()] == [int(n) for n in counts]
        for title, kind, key, against in (
            ("QRS sensitivity", "QRS", "se", "fn"),
            ("QRS positive predictivity", "QRS", "ppv", "fp"),
            ("VEB sensitivity", "VEB", "se", "fn"),
            ("VEB positive predictivity", "VEB", "ppv", "fp"),
        ):
            tp, all_ = entry[kind]["tp"], entry[kind]["tp"] + entry[kind][against]
            shown = percent(entry[kind][key]) + ("%" if all_ else "")
            assert re.search(rf"^ *{title}: *{shown.strip()} +\({tp}/{all_}\)$", report, re.M)
        fp, negatives = entry["VEB"]["fp"], entry["VEB"]["fp"] + entry["VEB"]["tn"]
        rate = f"{100 * entry['VEB']['fpr']:.3f}%"
        assert re.search(rf"VEB false positive rate: +{rate} \({fp}/{negatives}\)", report)
