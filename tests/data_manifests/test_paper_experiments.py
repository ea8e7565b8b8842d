"""The paper's two experiments run on the samples of their cohorts, and print its table."""

import re

import pytest
from mmfeat.data_manifests.opening import public_cohort

from mmfeat.config.loading import load_project
from mmfeat.fusion import METHODS
from mmfeat.public_cohorts.settings_text import shipped_settings

from ..in_process import run_mmfeat
from .whole_download import sample_of

WAYS = {"nlst": "embeddings", "radfusion": "features"}
QUICK = (
    *("train.seeds=[0]", "train.epochs=2", "train.contrastive_epochs=1", "eval.resamples=100"),
    *("eval.missing_cells=[]", "eval.missing_columns=false", "eval.missing_modalities=[]"),
)
NO_TOKENS = {"mmfeat-attention", "image-only-attention", "paper-attention"}


@pytest.mark.parametrize("name", WAYS)
def test_every_method_that_can_use_one_vector_a_scan_is_trained_and_shown(name, tmp_path):
    (text,) = shipped_settings(f"mmfeat.data_manifests.{name}", ["paper.yaml"]).values()
    file = tmp_path / "paper.yaml"
    file.write_text(text)
    settings = load_project(file).settings
    assert set(settings.train.methods) == set(METHODS) - NO_TOKENS
    assert set(settings.eval.table_rows) == set(settings.train.methods)
    assert settings.train.methods[0] == "paper"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", WAYS)
def test_the_table_has_the_papers_rows_and_columns(name, tmp_path):
    first = {"nlst": ["train.targets=[cancer_in_1]"]}.get(name, [])
    sample = sample_of(name, public_cohort(name).variant(WAYS[name]), tmp_path)
    settings = sample.output / "paper.yaml"
    changes = [word for change in (*QUICK, *first) for word in ("--set", change)]
    trained = run_mmfeat("train", settings, *changes, folder=tmp_path)
    assert trained.code == 0, trained.err
    shown = run_mmfeat("eval", settings, *changes, "--table", "markdown", folder=tmp_path)
    assert shown.code == 0, shown.err
    rows = load_project(settings).settings.eval.table_rows
    assert shown.out.count(": AUROC [95 % interval") == 1
    lines = [line for line in shown.out.splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[0].removeprefix("| ").replace("\\", "") for line in lines[2:]] == rows
    assert lines[0].count("(n = ") >= 3
    assert re.search(r"\| average \| \**[01]\.\d+", shown.out)
