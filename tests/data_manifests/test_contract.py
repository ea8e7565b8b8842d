"""What every public cohort keeps: a sample, a manifest that passes the check, one-line errors."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from mmfeat.data_manifests import COHORTS
from mmfeat.data_manifests.opening import public_cohort, readme_of

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError
from mmfeat.provenance import sha256_of_file
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.public_cohort import write_sample
from mmfeat.stages.seen_in_training import unknown_collections

from ..in_process import run_mmfeat
from .whole_download import WAYS, Sample, change_column, columns_of, sample_of

FOLDER = Path(__file__).resolve().parents[2] / "data_manifests"
MANY_DICOM_FILES = ("lidc-idri", "nsclc-radiogenomics", "nsclc-radiomics")
"""Whose samples take seconds to write; as does that of NLST's variant `dicom`."""
QUICK_WAYS = dict(
    way for way in reversed(WAYS) if way[0] not in MANY_DICOM_FILES and way != ("nlst", "dicom")
).items()
SLOW_WAYS = [way for way in WAYS if way not in QUICK_WAYS]
NO_CODE = "\N{SECTION SIGN}"


@pytest.fixture(
    scope="module",
    params=[*QUICK_WAYS, *(pytest.param(way, marks=pytest.mark.slow) for way in SLOW_WAYS)],
    ids="-".join,
)
def sample(request, tmp_path_factory) -> Sample:
    name, variant = request.param
    return sample_of(name, variant, tmp_path_factory.mktemp(f"{name}-{variant}"))


@pytest.mark.parametrize("name", COHORTS)
def test_a_cohort_says_what_it_is_and_how_to_get_it(name):
    cohort = public_cohort(name)
    assert cohort.name == name
    assert COHORTS[name] == name.replace("-", "_")
    assert cohort.homepage.startswith("https://")
    assert all((cohort.title, cohort.licence, cohort.access, cohort.citation))
    assert all(cohort.variants.values())
    readme = readme_of(name)
    for word in ("licence", "cit", "split", "leak", "not seen by us"):
        assert re.search(word, readme, re.IGNORECASE), f"the README says nothing of `{word}`"


def test_the_table_of_cohorts_in_the_readme_is_the_list_of_folders():
    linked = re.findall(r"^\| \[([a-z0-9-]+)\]\(([a-z0-9_]+)/README\.md\)", _table(), re.MULTILINE)
    assert dict(linked) == COHORTS
    folders = {file.parent.name for file in FOLDER.glob("*/__init__.py")}
    assert folders == set(COHORTS.values())


def _table() -> str:
    return (FOLDER / "README.md").read_text()


def test_cases_are_named_once_and_have_a_patient(sample):
    table = pd.read_csv(sample.output / "table.csv", dtype=str)
    assert table["case_id"].is_unique
    assert table["case_id"].notna().all()
    assert table["patient_id"].notna().all()


def test_a_patient_is_on_one_side_of_an_official_split(sample):
    for file in sample.made.written.settings:
        column = load_project(file).settings.cohort.split.column
        if column is not None:
            table = pd.read_csv(sample.output / "table.csv", dtype=str)
            assert set(table[column]) == {"train", "val", "test"}
            assert (table.groupby("patient_id")[column].nunique() == 1).all()


def test_settings_name_the_collection_and_only_columns_that_are_there(sample):
    for file in sample.made.written.settings:
        project = load_project(file)
        assert open_cohort(project).targets
        assert project.settings.cohort.collections
        assert unknown_collections(project.settings.cohort.collections) == ()
        text = file.read_text()
        assert text == sample.made.built.settings[file.name]
        assert text.startswith("#"), "the settings begin with a comment that says what they are"


def test_every_target_has_both_outcomes_in_the_sample(sample):
    for name, target in sample.made.summary.targets.items():
        for output, count in target.counts.items():
            assert 0 < count < target.n_known, f"{name}: {output} of {sample.cohort.name}"


def test_scans_are_named_relative_to_the_table(sample):
    for name in ("table.csv", *sample.made.built.extra_tables):
        if not name.endswith(".csv"):
            continue
        table = pd.read_csv(sample.output / name, dtype=str)
        for column in set(sample.made.built.path_columns) & set(table.columns):
            paths = [path for cell in table[column].dropna() for path in cell.split(";")]
            assert paths
            assert all(path.startswith("../download/") for path in paths)
            assert all((sample.output / path).exists() for path in paths)


def test_the_account_has_the_digest_of_everything_that_was_read(sample):
    account = json.loads((sample.output / "manifest.json").read_text())
    assert account["sources"]
    for source in account["sources"]:
        assert source["sha256"] == sha256_of_file(sample.download / source["file"])
    assert account["n_cases"] == sample.made.summary.n_cases
    assert account["cohort"] == sample.cohort.name


def test_an_empty_folder_is_refused_in_one_line(sample, tmp_path):
    with pytest.raises(CohortError, match=re.escape(str(tmp_path))) as refused:
        sample.cohort.build(tmp_path, sample.variant)
    assert "\n" not in str(refused.value)


def test_a_table_with_its_first_column_only_is_refused_in_one_line(sample, tmp_path):
    for number, table in enumerate(sample.tables):
        spoilt = sample.copy(tmp_path / str(number))
        for column in columns_of(spoilt / table)[1:]:
            change_column(spoilt / table, column, None)
        if columns_of(sample.download / table)[1:]:
            with pytest.raises(CohortError, match=re.escape(table.name)) as refused:
                sample.cohort.build(spoilt, sample.variant)
            assert "\n" not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("change", [None, lambda _: NO_CODE], ids=["taken out", "unknown"])
def test_a_spoilt_column_does_not_matter_or_is_refused_in_one_line(sample, tmp_path, change):
    refusals = []
    for number, table in enumerate(sample.tables):
        spoilt = sample.copy(tmp_path / str(number))
        whole = (spoilt / table).read_bytes()
        for column in columns_of(spoilt / table):
            change_column(spoilt / table, column, change)
            refusals += _refusals(sample, spoilt)
            (spoilt / table).write_bytes(whole)
    assert bool(refusals) == bool(sample.tables)  # LIDC's nodules are read of XML alone
    assert not [message for message in refusals if "\n" in message]


def _refusals(sample: Sample, spoilt: Path) -> list[str]:
    """Return why a download is refused; nothing where it is not."""
    try:
        sample.cohort.build(spoilt, sample.variant)
    except CohortError as error:
        return [str(error)]
    return []


@pytest.mark.slow
def test_the_sample_is_the_same_every_time(sample, tmp_path):
    write_sample(sample.cohort, tmp_path / "again", variant=sample.variant)
    assert _digests(tmp_path / "again") == _digests(sample.download)


def _digests(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): sha256_of_file(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_path_from_the_download_to_results(sample, tmp_path):
    run = run_mmfeat("run", *_small(sample), folder=tmp_path)
    assert run.code == 0, run.err
    results = json.loads((sample.output / "run" / "results.json").read_text())
    assert set(results["targets"]) == set(_targets(sample))


def _targets(sample: Sample) -> list[str]:
    """Return all targets of a cohort's first variant, and one of each further variant."""
    names = list(sample.made.summary.targets)
    return names if sample.variant == sample.cohort.default_variant else names[:1]


def _small(sample: Sample) -> list[str]:
    """Return the first settings with an encoder that needs no weights, and little training."""
    settings = sample.made.written.settings[0]
    changes = ["train.methods=[average]", "train.seeds=[0]", "train.run=run", "eval.resamples=100"]
    changes += ["extract.workers=1", "train.workers=1", "eval.figures=false"]
    changes += ["eval.missing_cells=[]", "eval.missing_columns=false", "eval.shown_scans=0"]
    changes += ["eval.missing_modalities=[]", "eval.subgroups={}", "cohort.split.folds=2"]
    changes.append(f"train.targets=[{', '.join(_targets(sample))}]")
    content = yaml.safe_load(settings.read_text())
    for name, modality in content["modalities"].items():
        if modality["kind"] == "volume":
            simple = {"encoder": "intensity-stats", "features": "vector", "weights": "null"}
            simple |= {"options": "{}", "recipe_file": "null", "max_tokens": "64"}
            changes += [f"modalities.{name}.{key}={value}" for key, value in simple.items()]
    return [str(settings), *(word for change in changes for word in ("--set", change))]
