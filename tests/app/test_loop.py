"""The whole loop over REST: see, jump, correct, undo, sign, export."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from app_session import Session

from ectopy.analysis.given_labels import UNCERTAIN_SUBTYPE
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.open import open_recording
from ectopy.study.records.corrected import find_corrected, read_corrected


def test_what_is_corrected_is_told_exported_and_signed(session: Session, tmp_path: Path) -> None:
    before = session.get("summary")
    beats = session.get("beats", label="V", limit=3)["beats"]
    first, second = beats[0]["sample"], beats[1]["sample"]
    session.edit(kind="relabel", samples=[first], to="S")
    session.edit(kind="delete", samples=[second])
    done = session.edit(kind="insert", sample=second + 4, to="F")
    placed = done["edit"]["first"]
    assert abs(placed - second) <= 2
    assert done["revision"] == 3
    told = session.get("summary")
    assert told["classes"]["S"]["certain"] == before["classes"]["S"]["certain"] + 1
    assert told["beats"] == before["beats"]
    assert "labels corrected by local" in told["notes"][-1]
    hour = session.get("hours")[0]
    assert hour["certain"]["F"] == told["classes"]["F"]["certain"]
    singles = session.get("events", kind="single", of="SVEB", limit=1000)["events"]
    assert first in {event["first"] for event in singles}

    unseen = session.http.put(f"{session.at}/state", json={"status": "signed", "revision": 2})
    assert unseen.status_code == 409
    assert "you saw those up to 2" in unseen.json()["error"]
    sign = {"status": "signed", "revision": done["revision"]}
    assert session.http.put(f"{session.at}/state", json=sign).status_code == 200
    state = session.get("state")
    assert state["standing"]["status"] == "signed"
    assert state["signature_holds"] is True

    written = session.http.get(f"{session.at}/export/wfdb")
    assert 'filename="208-excerpt.ect"' in written.headers["content-disposition"]
    (tmp_path / "a.ect").write_bytes(written.content)
    marks = read_annotations(tmp_path / "a", "ect")
    at = dict(zip(marks.samples.tolist(), marks.symbols.tolist(), strict=True))
    assert at[first] == "S"
    assert at[placed] == "F"
    page = session.http.get(f"{session.at}/export/report").text
    assert '<p class="reviewed"><b>Labels corrected by local' in page  # on its first page
    assert "signed by local" in page
    rows = session.http.get(f"{session.at}/export/csv").text.splitlines()
    assert len(rows) == told["beats"] + 1

    session.edit(kind="relabel", samples=[first], to="V")
    state = session.get("state")
    assert state["standing"]["status"] == "draft"  # a later edit reopens it
    assert [row["kind"] for row in session.get("edits")["edits"]][-2:] == ["state", "relabel"]


def test_a_signature_without_a_correction_is_told_too(session: Session) -> None:
    assert session.http.put(f"{session.at}/state", json={"status": "signed"}).status_code == 200
    assert "labels as the model left them; signed by local" in session.get("summary")["notes"][-1]
    page = session.http.get(f"{session.at}/export/report").text
    assert "labels as the model left them; signed by local" in page


def test_a_record_to_train_on_teaches_what_somebody_vouches_for(
    session: Session, tmp_path: Path
) -> None:
    beats = session.get("beats", limit=10_000)["beats"]
    doubted = [beat["sample"] for beat in beats if beat["uncertain"]]
    gone, veb = [
        beat["sample"]
        for beat in session.get("beats", label="V", uncertain=False, limit=2)["beats"]
    ]
    session.edit(kind="delete", samples=[gone])  # so that rows of labels are not those of beats
    session.edit(kind="relabel", samples=[veb], to="F")
    session.edit(kind="relabel", samples=doubted[-1:], to="S")
    folder = tmp_path / "corrected"
    answer = session.http.get(f"{session.at}/export/training", params={"patient": "P-17"})
    assert 'filename="208-excerpt.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    assert {path.name for path in folder.iterdir()} == {
        "RECORDS", "208-excerpt.atr", "208-excerpt.corrected.json", "208-excerpt.dat",
        "208-excerpt.hea",
    }  # fmt: skip
    recording = open_recording(folder / "208-excerpt.hea")
    original = session.review.opened(session.recording).recording
    assert recording.leads == original.leads
    np.testing.assert_allclose(recording.read(), original.read(), atol=0.0003)
    assert not recording.all_notes  # the checksums fit

    found = find_corrected([str(folder)])
    (told,) = found.values()
    assert told.stated == tuple(sorted([veb, doubted[-1]]))
    assert told.taught == len(beats) - 1 - len(doubted) + 1
    assert told.certain
    (taught,) = read_corrected(found)
    assert taught.teaches is not None
    assert taught.teaches.sum() == told.taught
    marks = read_annotations(folder / "208-excerpt", "atr")
    kept = np.isin(marks.symbols, list("NSVFQ"))
    symbols = dict(zip(marks.samples[kept].tolist(), marks.symbols[kept].tolist(), strict=True))
    as_left = {
        beat["sample"]: "Q" if beat["uncertain"] else beat["label"]
        for beat in beats
        if beat["sample"] != gone
    }
    assert symbols == as_left | {veb: "F", doubted[-1]: "S"}
    assert marks.subtypes is not None
    nobodys = marks.samples[kept][marks.subtypes[kept] == UNCERTAIN_SUBTYPE]
    assert nobodys.tolist() == doubted[:-1]
    assert b"P-17" not in b"".join(path.read_bytes() for path in folder.iterdir())


def test_without_reader_or_patient_there_is_no_record_to_train_on(session: Session) -> None:
    at = f"{session.at}/export/training"
    sample = session.get("beats", label="V", limit=1)["beats"][0]["sample"]
    for touched in (False, True):
        if touched:  # what is taken away teaches nothing either
            session.edit(kind="delete", samples=[sample])
        answer = session.http.get(at, params={"patient": "P-17"})
        assert answer.status_code == 400
        assert "no reader stated a beat of 208-excerpt" in answer.json()["error"]
    session.edit(kind="insert", sample=sample, to="V")
    for query in ({}, {"patient": " "}):
        answer = session.http.get(at, params=query)
        assert answer.status_code == 422
        assert "208-excerpt does not say whose it is" in answer.json()["error"]
    assert session.http.get(at, params={"patient": "P-17"}).status_code == 200
    folder = session.review.opened(session.recording).folder
    assert not [path for path in folder.iterdir() if path.is_dir()]


def test_one_edit_is_undone_among_others(session: Session) -> None:
    samples = [beat["sample"] for beat in session.get("beats", label="N", limit=3)["beats"]]
    for sample, to in zip(samples, "VSF", strict=True):
        session.edit(kind="relabel", samples=[sample], to=to)
    answer = session.http.post(f"{session.at}/undo", json={"number": 2})
    assert answer.status_code == 201
    labels = {b["sample"]: b["label"] for b in session.get("beats", limit=10)["beats"]}
    assert [labels[sample] for sample in samples] == ["V", "N", "F"]
    counts = [row["counts"] for row in session.get("edits")["edits"]]
    assert counts == [True, False, True, True]
    assert session.http.post(f"{session.at}/redo", json={}).status_code == 201
    labels = {b["sample"]: b["label"] for b in session.get("beats", limit=10)["beats"]}
    assert labels[samples[1]] == "S"
    assert session.get("edits/1") == {
        "number": 1, "samples": [samples[0]], "before": session.get("edits/1")["before"],
        "after": "V",
    }  # fmt: skip


def test_an_edit_that_is_sent_twice_is_made_once(session: Session) -> None:
    sample = session.get("beats", limit=1)["beats"][0]["sample"]
    body = {"edit": {"kind": "delete", "samples": [sample]}, "key": "a-key-of-mine"}
    answers = [session.http.post(f"{session.at}/edits", json=body) for _ in range(2)]
    assert [a.json()["edit"]["number"] for a in answers] == [1, 1]
    assert len(session.get("edits")["edits"]) == 1


def test_an_item_of_the_queue_is_accepted_and_goes(session: Session) -> None:
    item = session.get("queue", kind="uncertain beat", limit=1)["items"][0]
    session.edit(kind="accept", item=item["key"])
    beat = next(
        b for b in session.get("beats", stated=True)["beats"] if b["sample"] == item["beats"][0]
    )
    assert not beat["uncertain"]
    keys = {one["key"] for one in session.get("queue", limit=1000)["items"]}
    assert item["key"] not in keys
    refused = session.http.post(
        f"{session.at}/edits", json={"edit": {"kind": "accept", "item": item["key"]}}
    )
    assert refused.status_code == 409
    assert "no such item" in refused.json()["error"]


def test_a_run_made_by_a_reader_is_first_in_the_queue(session: Session) -> None:
    samples = [beat["sample"] for beat in session.get("beats", limit=4)["beats"]]
    session.edit(kind="relabel", samples=samples, to="V")
    item = session.get("queue", limit=1)["items"][0]
    assert item["kind"] == "ventricular run"
    assert item["title"].startswith("4 VEB in a row at ")
    assert item["beats"][:4] == samples
    session.edit(kind="accept", item=item["key"])
    assert session.get("queue", done=True)["items"][0]["key"] == item["key"]


def test_a_whole_cluster_is_relabelled(session: Session) -> None:
    cluster = session.get("clusters")["clusters"][0]
    where = f"clusters/{cluster['of']}/{cluster['cluster']}"
    members = session.get(f"{where}/members", limit=10_000)
    assert members["total"] == cluster["count"] == len(members["samples"])
    seen = session.get(where)
    assert len(seen["median_mv"][0]) == 200
    assert np.nanmax(np.array(seen["median_mv"][0], dtype=float)) > 0.3
    session.edit(kind="cluster", of=cluster["of"], cluster=cluster["cluster"], to="Q")
    told = session.get("clusters")["clusters"]
    moved = next(one for one in told if (one["of"], one["cluster"]) == ("Q", cluster["cluster"]))
    assert moved["name"] == "Q1"  # after its class, not after the one that it had
    assert moved["count"] == cluster["count"] == moved["stated"]
    assert session.http.get(f"{session.at}/{where}").status_code == 404


def test_windows_are_those_of_the_recording(reading: Session) -> None:
    recording = reading.review.opened(reading.recording).recording
    for stop, columns in ((2000, 1000), (100_000, 500)):
        answer = reading.http.get(
            f"{reading.at}/window", params={"start": 100, "stop": stop, "columns": columns}
        )
        head = answer.headers
        start, per_bin, bins = (int(head[name]) for name in ("x-start", "x-per-bin", "x-bins"))
        numbers = np.frombuffer(answer.content, "<i2").reshape(bins, -1)
        mv = numbers * float(head["x-scale"]) + float(head["x-offset"])
        signal = recording.read(start, start + bins * per_bin)[0].reshape(-1, per_bin)
        np.testing.assert_allclose(mv[:, 0], signal.min(axis=1), atol=0.001)
        np.testing.assert_allclose(mv[:, -1], signal.max(axis=1), atol=0.001)


def test_all_beats_in_binary_are_those_of_the_pages(reading: Session) -> None:
    answer = reading.http.get(f"{reading.at}/beats.bin")
    n = int(answer.headers["x-beats"])
    assert len(answer.content) == n * (8 + 4 + 1 + 1)
    samples = np.frombuffer(answer.content, "<f8", n)
    rr_s = np.frombuffer(answer.content, "<f4", n, 8 * n)
    classes = np.frombuffer(answer.content, np.uint8, n, 12 * n)
    flags = np.frombuffer(answer.content, np.uint8, n, 13 * n)
    paged, after = [], -1
    while after is not None:
        page = reading.get("beats", limit=100, after=after)
        paged += page["beats"]
        after = page["next"]
    assert [beat["sample"] for beat in paged] == samples.astype(int).tolist()
    assert "".join(beat["label"] for beat in paged) == "".join("NSVFQ"[c] for c in classes)
    assert [beat["uncertain"] for beat in paged] == (flags & 1 == 1).tolist()
    known = [np.nan if beat["rr_s"] is None else beat["rr_s"] for beat in paged]
    np.testing.assert_allclose(rr_s, known, atol=1e-4)
    part = reading.http.get(f"{reading.at}/beats.bin", params={"start_s": 10, "stop_s": 20})
    inside = (samples >= 3600) & (samples < 7200)
    assert int(part.headers["x-beats"]) == inside.sum()


def test_a_beat_is_explained_but_not_one_that_a_reader_set(reading: Session) -> None:
    beat = reading.get("beats", label="V", uncertain=False, limit=1)["beats"][0]
    why = reading.get(f"why/{beat['sample']}")
    assert why["label"] == "V"
    assert why["reasons"]
    missing = reading.http.get(f"{reading.at}/why/{beat['sample'] + 1}")
    assert missing.status_code == 404


@pytest.mark.parametrize("query", [{"label": "V"}, {"uncertain": True}, {"start_s": 100.0}])
def test_filters_choose_among_the_beats(reading: Session, query: dict[str, object]) -> None:
    every = reading.get("beats", limit=10_000)["beats"]
    found = reading.get("beats", limit=10_000, **query)["beats"]
    kept = [
        beat
        for beat in every
        if beat["label"] == query.get("label", beat["label"])
        and beat["uncertain"] == query.get("uncertain", beat["uncertain"])
        and beat["time_s"] >= query.get("start_s", 0)  # type: ignore[operator]
    ]
    assert 0 < len(found) < len(every)
    assert found == kept


def test_the_rhythm_runs_from_beginning_to_end(reading: Session) -> None:
    told = reading.get("rhythm")
    spans = told["spans"]
    assert spans[0]["start_s"] == 0
    assert spans[-1]["stop_s"] == pytest.approx(300)
    assert all(a["stop_s"] == b["start_s"] for a, b in pairwise(spans))
    assert {span["kind"] for span in spans} <= {kind["kind"] for kind in told["kinds"]}
