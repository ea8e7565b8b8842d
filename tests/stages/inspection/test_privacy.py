"""No name, birth date or number of a patient gets into anything that an inspection writes."""

import base64
import json
import logging
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

from mmfeat.progress import Silent
from mmfeat.stages.inspection.reports import inspect_cohort
from mmfeat.stages.inspection.scan import inspect_scan
from mmfeat.stages.inspection.setup import InspectSetup

from ..inspect_scans import PLANTED, TRACES, body_hu, rows_of, write_series


def _require_no_trace(text):
    lower = text.lower()
    assert [trace for trace in TRACES if trace in lower] == []


@pytest.fixture
def series(tmp_path):
    folder = write_series(tmp_path / "series", body_hu(), PLANTED)
    written = b"".join(file.read_bytes() for file in folder.iterdir()).lower()
    assert [trace for trace in TRACES if trace.encode() not in written] == []
    return folder


def test_one_scan_leaves_no_trace(tmp_path, series, caplog):
    caplog.set_level(logging.DEBUG)
    found = inspect_scan(series, InspectSetup(), tmp_path / "page.png")
    _require_no_trace(json.dumps(found.to_json()))
    with Image.open(found.figure) as image:
        assert image.info.keys() <= {"dpi"}
    _require_no_trace(found.figure.read_bytes().decode("latin-1"))
    _require_no_trace(caplog.text)


def test_a_cohort_leaves_no_trace(tmp_path, series, caplog):
    caplog.set_level(logging.DEBUG)
    damaged = write_series(tmp_path / "damaged", body_hu(), PLANTED)
    (damaged / "003.dcm").write_bytes((damaged / "003.dcm").read_bytes()[:700])
    for name in ("first", "second"):  # nothing decides between them but their descriptions
        write_series(tmp_path / "two" / name, body_hu(), PLANTED)
    found = inspect_cohort(
        rows_of({"a": series, "b": damaged, "c": tmp_path / "two"}),
        tmp_path / "out",
        title="cohort.csv",
        progress=Silent(),
        should_stop=lambda: False,
    )
    assert [case.standing for case in found.cases] == ["unreadable", "unreadable", "pass"]
    assert "2 CT series to choose from" in found.sheet.read_text()
    _require_no_trace(pd.read_parquet(found.table).to_json())
    _require_no_trace(str(pq.read_schema(found.table).metadata))
    page = found.sheet.read_text()
    _require_no_trace(page)
    for picture in re.findall(r"base64,([A-Za-z0-9+/=]+)", page):
        _require_no_trace(base64.b64decode(picture).decode("latin-1"))
    kept = [file.read_text() for file in (tmp_path / "out" / "scans").iterdir()]
    assert len(kept) == 1
    _require_no_trace("".join(kept))
    _require_no_trace(json.dumps(found.to_json()))
    _require_no_trace(caplog.text)
