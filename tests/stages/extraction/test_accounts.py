"""What features cost is found beside them, for whoever trains on them."""

import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import CacheError
from mmfeat.progress import Silent
from mmfeat.stages.extraction.accounts import last_extractions
from mmfeat.stages.extraction.extract import extract

from ..extraction_cohort import make_cohort


def test_the_account_of_the_last_extraction_is_found_without_its_failures(tmp_path):
    project = load_project(make_cohort(tmp_path, 3).config, [])
    report = extract(project, progress=Silent(), should_stop=lambda: False)
    ((name, account),) = last_extractions(project).items()
    assert name == "ct"
    assert account["stages"] == report.modalities[0].stages
    assert "failures" not in account
    (report.modalities[0].cache / "last_extract.json").write_text("{torn")
    assert last_extractions(project) == {"ct": None}


def test_features_that_were_never_extracted_have_no_account(tmp_path):
    project = load_project(make_cohort(tmp_path, 2).config, [])
    with pytest.raises(CacheError, match="run `mmfeat extract` first"):
        last_extractions(project)
