"""Groups by what was measured of the scans, without reading one again."""

import pandas as pd
import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import EvalError
from mmfeat.progress import Silent
from mmfeat.stages.evaluation.scan_facts import scan_facts
from mmfeat.stages.evaluation.subgroups import groupings_of
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.training.open_run import open_run

from ..extraction_cohort import SETTINGS, write_scan

FACTS = "eval.subgroups={spacing: {scan: ct, fact: slice_spacing_mm, bands: [3]}}"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Twelve cases with a scan each, of which the last failed."""
    folder = tmp_path_factory.mktemp("facts")
    for number in range(12):
        write_scan(folder / f"scan{number}.nii.gz", seed=number)
    (folder / "scan11.nii.gz").write_bytes(b"torn")
    rows = {
        "case_id": [f"c{number}" for number in range(12)],
        "patient_id": [f"p{number}" for number in range(12)],
        "ct": [f"scan{number}.nii.gz" for number in range(12)],
        "cancer": [number % 2 for number in range(12)],
        "age": [50 + number for number in range(12)],
    }
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)
    file = folder / "mmfeat.yaml"
    file.write_text(SETTINGS.format(encoder="intensity-stats", shard_cases=12))
    made = load_project(file, ["cohort.split.folds=2"])
    extract(made, progress=Silent(), should_stop=lambda: False)
    return made


def _opened(project, override):
    return open_run(load_project(project.file, ["cohort.split.folds=2", override]))


def test_facts_are_those_that_extraction_stored(project):
    opened = _opened(project, FACTS)
    found = scan_facts(opened, "ct", project.settings.modalities["ct"])
    assert sorted(found) == sorted(f"c{number}" for number in range(11))
    assert {facts["slice_spacing_mm"] for facts in found.values()} == {"2.0"}
    assert {facts["header_kernel"] for facts in found.values()} == {None}


def test_a_case_without_a_feature_is_of_an_unknown_group(project):
    (grouping,) = groupings_of(_opened(project, FACTS))
    assert grouping.source == "`slice_spacing_mm` of the scans of `ct`"
    assert grouping.group_of.tolist() == ["below 3"] * 11 + ["unknown"]


def test_a_fact_that_is_not_measured_is_refused_with_the_nearest_name(project):
    with pytest.raises(EvalError, match=r"`header_kernl` .*; did you mean `header_kernel`"):
        groupings_of(_opened(project, "eval.subgroups={kernel: {scan: ct, fact: header_kernl}}"))
