"""Whatever a table holds, what is guessed of it is whole and can be used."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mmfeat.config.settings import Settings
from mmfeat.config.template import settings_text
from mmfeat.config.yaml_text import parse_yaml
from mmfeat.manifest.assembling import assemble_cohort
from mmfeat.manifest.guessed_missing import READ_AS_MISSING
from mmfeat.manifest.guessing import guess_settings
from mmfeat.tabular import read_records

_NAMES = st.sampled_from(
    [
        *(
            "id",
            "PatientID",
            "patientid",
            "scan",
            "image",
            "site",
            "split",
            "fold",
            "label",
            "mask",
        ),
        *("status", "event", "time", "os_event", "os_days", "vital_status", "scan_date", "birth"),
        *("age_at_death", "zip", "sex", "stage", "PT", "#", "no: yes", "\u00e4 [x]", "1", "true"),
    ]
) | st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
_POOLS = st.sampled_from(
    [
        *(["0", "1"], ["1", "2", "9"], ["yes", "no", "Unknown"], ["True", "FALSE"], ["+", "-"]),
        *(["1.5", "2", "-9", "1e3"], ["01", "02"], ["1,5", "2,5", "3"], ["<1", "2", "3", "4"]),
        *(["2020-01-31", "2021-12-01"], ["31.01.2020", "01.02.2020"], ["20200131", "20210131"]),
        *(["T1", "T2", "T3"], ["IA", "IB", "iv"], ["none", "mild", "severe"], ["None", "a"]),
        *(["train", "val", "test"], ["a.nii.gz", "b.nii"], ["Alive", "Dead"], ["--5", "-", "~"]),
        *(["null", "no", "[x]", "a: b"], ["9" * 30, "1"], ["-0", "0", "+1"]),
    ]
)
_CELLS = _POOLS.flatmap(
    lambda pool: st.lists(st.sampled_from([*pool, ""]), min_size=12, max_size=12)
) | st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=6)
    | st.integers(-100, 10**6).map(str)
    | st.floats(0, 100).map(str),
    min_size=12,
    max_size=12,
)


def _places(guessed):
    """Columns with a role, targets, inputs, and those left out."""
    roles = {guessed.case_id.value, guessed.patient_id.value}
    roles |= {guess.value["column"] for guess in guessed.volumes.values()}
    roles |= {guessed.split.value["column"]} if "column" in guessed.split.value else set()
    targets = {
        target.value[key]
        for target in guessed.targets.values()
        for key in ("column", "time", "event")
        if key in target.value
    }
    return roles, targets, set(guessed.columns), set(guessed.left_out)


@given(st.dictionaries(_NAMES, _CELLS, max_size=6))
@example({"x": ["--5", "a"] * 6})
@example({"label": [f"{n}.nii" for n in range(12)]})
@example({"event": ["0", "1"] * 6, "time": [str(n) for n in range(12)], "time_days": ["1"] * 12})
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_table_the_settings_are_valid_and_no_column_is_forgotten(
    tmp_path_factory, columns
):
    needed = {
        "case_id": [f"c{n}" for n in range(12)],
        "cancer": ["0", "1"] * 6,
        "age": [str(40 + 7 * n % 41) for n in range(12)],
    }
    frame = pd.DataFrame({**columns, **needed}, dtype=object)
    frame = frame.where(~frame.isin(["", *READ_AS_MISSING]), np.nan)
    folder = tmp_path_factory.getbasetemp()
    guessed = guess_settings(frame, folder=folder)
    roles, targets, inputs, left_out = _places(guessed)
    assert roles | targets | inputs | left_out == set(frame.columns)
    assert not inputs & (roles | targets | left_out)
    assert not targets & (roles | left_out)
    text = settings_text(guessed, manifest="table.csv", origin="table.csv")
    made = Settings.model_validate(parse_yaml(text, "here"))
    frame = frame.where(~frame.isin(made.cohort.missing), np.nan)
    _, faults = assemble_cohort(frame, made.cohort, modalities=made.modalities, folder=folder)
    if "clinical" in made.modalities:
        faults += read_records(frame, made.modalities["clinical"].columns)[1]
    for fault in faults:
        assert "no such file" in fault.message or "no patient id" in fault.message
