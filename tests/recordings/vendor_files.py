"""XML as recorders write it, in their dialects: aECG, MUSE, Philips, CardioSoft, Schiller."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

WHEN = datetime(2024, 5, 6, 9, 30)
UV_A_UNIT = 5


def saved(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write XML in an encoding, and say so in it; UTF-16 begins with its mark."""
    path.write_bytes(f'<?xml version="1.0" encoding="{encoding.upper()}"?>{text}'.encode(encoding))
    return path


def base64_of(row: np.ndarray) -> str:
    text = base64.b64encode(row.astype("<i2").tobytes()).decode()
    return "\n".join(text[at : at + 76] for at in range(0, len(text), 76))


def sequence_set(
    names: Sequence[str],
    rows: np.ndarray,
    fs_hz: float,
    *,
    clock: datetime | str | None = WHEN,
    relative_ms: float | None = None,
    codes: str = "MDC_ECG_LEAD_",
    scale: tuple[float, str] = (UV_A_UNIT, "uV"),
    origin: tuple[float, str] = (0, "uV"),
) -> str:
    """One stretch of an aECG: times, then a sequence a lead."""
    head = clock.strftime("%Y%m%d%H%M%S.%f") if isinstance(clock, datetime) else clock
    times = f'<code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS"><head value="{head}"/>'
    if relative_ms is not None:
        times = (
            '<code code="TIME_RELATIVE"/><value xsi:type="GLIST_PQ">'
            f'<head value="{relative_ms}" unit="ms"/>'
        )
    elif clock is None:
        times = '<code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">'
    parts = [f'{times}<increment value="{1 / fs_hz}" unit="s"/></value>']
    for name, row in zip(names, rows, strict=True):
        parts.append(
            f'<code code="{codes}{name.upper()}" codeSystem="2.16.840.1.113883.6.24"/>'
            f'<value xsi:type="SLIST_PQ"><origin value="{origin[0]}" unit="{origin[1]}"/>'
            f'<scale value="{scale[0]}" unit="{scale[1]}"/>'
            f"<digits>{' '.join(map(str, row))}</digits></value>"
        )
    inside = "".join(f"<component><sequence>{part}</sequence></component>" for part in parts)
    return f"<component><sequenceSet>{inside}</sequenceSet></component>"


def aecg(
    path: Path,
    sets: Iterable[str],
    *,
    prefix: str = "",
    encoding: str = "utf-8",
    before: str = "",
    inside: str = "",
    series_times: str = "",
    name: str = "<given>Ada</given><family>Müller</family>",
) -> Path:
    """An aECG of one rhythm series with these stretches; ``inside`` it and ``before`` it more."""
    text = (
        '<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:voc="urn:hl7-org:v3/voc" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" type="Observation">'
        '<effectiveTime><center value="20240506093000"/></effectiveTime>'
        "<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>"
        f'<id extension="S-17"/><subjectDemographicPerson><name>{name}</name>'
        '<administrativeGenderCode code="F"/><birthTime value="19530508"/>'
        "</subjectDemographicPerson></trialSubject></subject></subjectAssignment></componentOf>"
        f"</timepointEvent></componentOf>{before}<component><series>"
        f'<code code="RHYTHM" codeSystem="2.16.840.1.113883.5.4"/>{series_times}'
        f"{''.join(sets)}{inside}</series></component></AnnotatedECG>"
    )
    if prefix:
        text = text.replace('xmlns="', f'xmlns:{prefix}="')
        text = text.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
    return saved(path, text, encoding)


def muse_strip(
    names: Sequence[str],
    rows: np.ndarray,
    fs_hz: int,
    *,
    kind: str = "Rhythm",
    exponent: int = 0,
    per_bit: tuple[float, str] = (UV_A_UNIT, "MICROVOLTS"),
    off: Sequence[str] = (),
) -> str:
    leads = "".join(
        f"<LeadData><LeadByteCountTotal>{2 * len(row)}</LeadByteCountTotal>"
        f"<LeadSampleCountTotal>{len(row)}</LeadSampleCountTotal>"
        f"<LeadAmplitudeUnitsPerBit>{per_bit[0]}</LeadAmplitudeUnitsPerBit>"
        f"<LeadAmplitudeUnits>{per_bit[1]}</LeadAmplitudeUnits><LeadID>{name}</LeadID>"
        f"<LeadSampleSize>2</LeadSampleSize><LeadOff>{str(name in off).upper()}</LeadOff>"
        f"<LeadDataCRC32>{zlib.crc32(row.astype('<i2').tobytes())}</LeadDataCRC32>"
        f"<WaveFormData>\n{base64_of(row)}\n</WaveFormData></LeadData>"
        for name, row in zip(names, rows, strict=True)
    )
    return (
        f"<Waveform><WaveformType>{kind}</WaveformType><NumberofLeads>{len(rows)}</NumberofLeads>"
        f"<SampleBase>{fs_hz}</SampleBase><SampleExponent>{exponent}</SampleExponent>{leads}"
        "</Waveform>"
    )


def muse(path: Path, strips: Iterable[str], *, encoding: str = "iso-8859-1") -> Path:
    text = (
        '<!DOCTYPE RestingECG SYSTEM "restecg.dtd"><RestingECG><MuseInfo/><PatientDemographics>'
        "<PatientID>S-17</PatientID><PatientAge>70</PatientAge><AgeUnits>YEARS</AgeUnits>"
        "<DateofBirth>05-08-1953</DateofBirth><Gender>FEMALE</Gender>"
        "<PatientLastName>Müller</PatientLastName><PatientFirstName>Ada</PatientFirstName>"
        "</PatientDemographics><TestDemographics><AcquisitionTime>09:30:00</AcquisitionTime>"
        "<AcquisitionDate>05-06-2024</AcquisitionDate></TestDemographics>"
        f"{''.join(strips)}</RestingECG>"
    )
    return saved(path, text, encoding)


def cardiosoft_strip(names: Sequence[str], rows: np.ndarray, fs_hz: int) -> str:
    waves = "".join(
        f'<WaveformData lead="{name}">\t\t{",".join(map(str, row[:400]))},\n\t\t'
        f"{','.join(map(str, row[400:]))}</WaveformData>"
        for name, row in zip(names, rows, strict=True)
    )
    return (
        f"<StripData><NumberOfLeads>{len(names)}</NumberOfLeads>"
        f'<SampleRate units="Hz">{fs_hz}</SampleRate>'
        f"<ChannelSampleCountTotal>{rows.shape[1]}</ChannelSampleCountTotal>"
        f'<Resolution units="uVperLsb">{UV_A_UNIT}</Resolution>{waves}</StripData>'
    )


def cardiosoft_full(names: Sequence[str], rows: np.ndarray, fs_hz: int) -> str:
    seconds = rows.reshape(len(names), -1, fs_hz).swapaxes(0, 1).reshape(-1, fs_hz)
    text = "\n".join(",".join(map(str, second)) + "," for second in seconds)
    return (
        f"<FullDisclosure><NumberOfChannels>{len(names)}</NumberOfChannels>"
        f'<SampleRate units="Hz">{fs_hz}</SampleRate>'
        f'<Resolution units="uVperLsb">{UV_A_UNIT}</Resolution>'
        f"<LeadOrder>{','.join(names)}</LeadOrder><FullDisclosureData>\n{text}\n"
        f"<SampleCountTotal>{rows.size}</SampleCountTotal></FullDisclosureData></FullDisclosure>"
    )


def cardiosoft(path: Path, parts: Iterable[str], *, year: int = WHEN.year) -> Path:
    text = (
        "<CardiologyXML><ObservationType>RestECG</ObservationType><ObservationDateTime>"
        "<Hour>9</Hour><Minute>30</Minute><Second>0</Second><Day>6</Day><Month>5</Month>"
        f"<Year>{year}</Year></ObservationDateTime><PatientInfo><PID>S-17</PID><Name>"
        "<FamilyName>Müller</FamilyName><GivenName>Ada</GivenName></Name>"
        '<Age units="YEARS">70</Age><BirthDateTime><Day>8</Day><Month>5</Month>'
        "<Year>1953</Year></BirthDateTime><Gender>FEMALE</Gender></PatientInfo>"
        "<RestingECGMeasurements><MedianSamples><WaveformData lead='I'>1,2,3</WaveformData>"
        f"</MedianSamples></RestingECGMeasurements>{''.join(parts)}</CardiologyXML>"
    )
    return saved(path, text, "iso-8859-1")


def schiller_strip(
    names: Sequence[str], rows: np.ndarray, fs_hz: int, *, kind: str = "ECG_RHYTHMS"
) -> str:
    leads = "".join(
        f"<channel><name>{name.upper()}</name><data>{','.join(map(str, row))}</data>"
        f"<datastype>COMMASEPARATE</datastype><samplecount>{len(row)}</samplecount></channel>"
        for name, row in zip(names, rows, strict=True)
    )
    return (
        f"<wavedata><type>{kind}</type><resolution><samplerate><exponent>1</exponent>"
        f"<value>{fs_hz}</value></samplerate><yres><unitperbit>{UV_A_UNIT}.0</unitperbit>"
        f"<units>UV</units></yres></resolution>{leads}</wavedata>"
    )


def schiller(path: Path, strips: Iterable[str]) -> Path:
    root = "com.xiriuz.sema.xml.schillerEDI.SchillerEDI"
    text = (
        f"<{root}><patdata><id>S-17</id><lastname>Müller</lastname><firstname>Ada</firstname>"
        "<birthdate>19530508</birthdate><gender>FEMALE</gender></patdata><examdescript>"
        "<startdatetime><date>20240506</date><time>093000000</time></startdatetime>"
        f"</examdescript><eventdata><event>{''.join(strips)}</event></eventdata></{root}>"
    )
    return saved(path, text)


def lzw(plain: bytes) -> bytes:
    """Codes of 10 bits; the table grows to code 1022 and then stays."""
    table = {bytes([i]): i for i in range(256)}
    codes, known = [], b""
    for byte in plain:
        longer = known + bytes([byte])
        if longer in table:
            known = longer
            continue
        codes.append(table[known])
        if len(table) <= 1022:
            table[longer] = len(table)
        known = bytes([byte])
    codes.append(table[known])
    bits = (np.array(codes)[:, None] >> np.arange(9, -1, -1)) & 1
    return np.packbits(bits.astype(np.uint8).ravel()).tobytes()


def xli(names: Sequence[str], rows: np.ndarray) -> bytes:
    """Compress leads as Philips does; of the derived limb leads only the rounding is stored."""
    left = {name: row.astype(np.int64) for name, row in zip(names, rows, strict=True)}
    if "I" in left and "II" in left:
        one, two, three = left["I"], left["II"], left.get("III", left["II"] - left["I"])
        ideals = {
            "III": two - one, "aVR": -((one + two) // 2), "aVL": (one - three) // 2,
            "aVF": (two + three) // 2,
        }  # fmt: skip
        left |= {name: ideal - left[name] for name, ideal in ideals.items() if name in left}
    blocks = b""
    for row in left.values():
        bends = -np.diff(row, 2)
        words = np.concatenate([row[:2], bends[1:] + 64, [64]]).astype(np.int16).view(np.uint16)
        packed = lzw((words >> 8).astype(np.uint8).tobytes() + words.astype(np.uint8).tobytes())
        blocks += struct.pack("<iHh", len(packed), 256, bends[0]) + packed
    return blocks


def philips(
    path: Path,
    names: Sequence[str],
    rows: np.ndarray,
    fs_hz: int,
    *,
    version: str = "1.04",
    coding: str = "XLI",
    more_blocks: int = 0,
    zero: int = 0,
    encoding: str = "utf-16",
) -> Path:
    """A Philips file; of schema 1.03 it does not name its leads, and says the rate elsewhere."""
    stored = rows + zero
    if coding == "Plain":
        data = " ".join(str(x) for x in stored.ravel())
    elif coding == "XLI":
        spare = [f"spare {i}" for i in range(more_blocks)]
        filled = np.concatenate([stored, np.zeros((more_blocks, rows.shape[1]), dtype=int)])
        data = base64.b64encode(xli([*names, *spare], filled)).decode()
    else:
        data = base64_of(stored.ravel())
    duration = round(rows.shape[1] / fs_hz * 1000)
    about = f'dataencoding="{"Plain" if coding == "Plain" else "Base64"}" '
    if version == "1.03":
        about += f'compressflag="{coding == "XLI"}" compressmethod="XLI" nbitspersample="16"'
    else:
        about += f'compression="{coding}" ' if coding == "XLI" else ""
        about += (
            f'numberofleads="{len(names)}" leadlabels="{" ".join(names)}" bitspersample="16" '
            f'samplespersecond="{fs_hz}" resolution="{UV_A_UNIT}" signaloffset="{zero}" '
            'signalsigned="True"'
        )
    where = "signalresolution" if version == "1.03" else "resolution"
    text = (
        '<restingecgdata xmlns="http://www3.medical.philips.com"><documentinfo>'
        f"<documenttype>PhilipsECG</documenttype><documentversion>{version}</documentversion>"
        '</documentinfo><dataacquisition date="2024-05-06" time="09:30:00">'
        f"<signalcharacteristics><samplingrate>{fs_hz}</samplingrate><{where}>{UV_A_UNIT}</{where}>"
        f"<signaloffset>{zero}</signaloffset><acquisitiontype>STD-12</acquisitiontype>"
        f"<numberchannelsvalid>{len(names)}</numberchannelsvalid></signalcharacteristics>"
        "</dataacquisition><patient><generalpatientdata><patientid>S-17</patientid><name>"
        "<lastname>Müller</lastname><firstname>Ada</firstname></name><age><dateofbirth>1953-05-08"
        "</dateofbirth></age><sex>Female</sex></generalpatientdata></patient><waveforms>"
        f'<parsedwaveforms durationperchannel="{duration}" {about}>\n{data}\n</parsedwaveforms>'
        "</waveforms></restingecgdata>"
    )
    return saved(path, text, encoding)
