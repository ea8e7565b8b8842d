"""The index that `idc-index-data` brings, and where IDC's own program puts what it downloads."""

import pandas as pd
import pytest

from mmfeat.public_cohorts.idc.index_files import installed_index
from mmfeat.public_cohorts.idc.manifest import make_idc_manifest
from mmfeat.public_cohorts.idc.wanted import WantedSeries

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    pytest.importorskip("idc_index_data", reason="the extra `idc` is not installed")
    output = tmp_path_factory.mktemp("idc") / "out"
    wanted = WantedSeries(collections=("NSCLC-Radiomics",), body_parts=("lung",))
    return make_idc_manifest(installed_index(), wanted, output=output)


def test_a_collection_is_found_with_its_licence_and_citation(made):
    assert (made.n_cases, made.n_patients) == (422, 422)
    (licence,) = made.attribution.licences
    assert licence.name == "CC BY-NC 3.0"
    assert licence.non_commercial
    assert "Aerts" in made.attribution.citations[0]
    assert "10.7937/K9/TCIA.2015.PF0M9REI" in made.attribution.citations[0]


def test_paths_are_those_that_idc_download_makes(made):
    idc_index = pytest.importorskip("idc_index", reason="the extra `idc` is not installed")
    client = idc_index.IDCClient()
    made.scans.mkdir()
    # What `idc download` asks before it begins; nothing of it is from a network.
    size_mb, _, _, folders, _ = client._validate_update_manifest_and_get_download_size(
        manifestFile=str(made.written.folder / "series.s5cmd"),
        downloadDir=str(made.scans),
        validate_manifest=True,
        use_s5cmd_sync=False,
        dirTemplate=client.DOWNLOAD_HIERARCHY_DEFAULT,
    )
    table = pd.read_csv(made.written.folder / "table.csv", dtype=str)
    named = {path for cell in table["ct"] for path in cell.split(";")}
    assert {str(made.written.folder / path) for path in named} == set(folders)
    assert size_mb == pytest.approx(made.size_mb, abs=0.1)
