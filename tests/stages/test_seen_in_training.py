"""Where an encoder has seen the cohort's scans, every stage that shows results says so."""

import json

import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import EncoderError
from mmfeat.progress import Silent
from mmfeat.stages.check import check_project
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.evaluation.evaluate import evaluate
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.seen_in_training import (
    seen_in_training,
    training_notes,
    unknown_collections,
)
from mmfeat.stages.training.train import train

from .extraction_cohort import make_cohort

IDS = ("LIDC-IDRI-0001", "LIDC-IDRI-0002", "own-1", "own-2")


@pytest.fixture
def seen(tmp_path):
    """A function that says what was seen of a cohort with ids, under overridden settings."""
    rows = [f"{case},{case},{case}.nii.gz,{row % 2},61" for row, case in enumerate(IDS)]
    rows.append("own-3,own-3,,1,64")
    table = "case_id,patient_id,ct,cancer,age\n" + "\n".join(rows) + "\n"
    (tmp_path / "manifest.csv").write_text(table)
    for case in IDS:
        (tmp_path / f"{case}.nii.gz").write_bytes(b"is not read")
    (tmp_path / "mmfeat.yaml").write_text(
        "cohort:\n"
        "  manifest: manifest.csv\n"
        "  targets: {cancer: {kind: binary, column: cancer}}\n"
        "modalities:\n"
        "  ct: {kind: volume, column: ct, encoder: voco-b}\n"
        "  clinical: {kind: table, columns: {age: {type: numeric}}}\n"
    )

    def found(*overrides, function=seen_in_training):
        project = load_project(tmp_path / "mmfeat.yaml", overrides)
        return function(project, open_cohort(project))

    return found


def test_ids_of_a_training_set_are_counted_among_the_cases_with_a_scan(seen):
    (one,) = seen()
    assert (one.modality, one.encoder, one.collection) == ("ct", "voco-b", "LIDC-IDRI")
    assert (one.n_cases, one.n_scanned) == (2, 4)
    assert one.message == "voco-b was trained on LIDC-IDRI (2 of 4 cases have its ids)"


def test_a_collection_of_the_settings_counts_whatever_the_ids_are(seen):
    found = seen("cohort.collections=[nlst, LIDC, Amos 22, 'our hospital']")
    assert [one.collection for one in found] == ["NLST", "LIDC-IDRI", "AMOS"]
    assert found[0].message == "voco-b was trained on NLST (named by `cohort.collections`)"
    assert found[1].n_cases == 2  # it is counted, too


def test_a_collection_that_holds_scans_of_the_cohort_counts_as_well(seen):
    (one,) = seen("modalities.ct.encoder=ct-fm")
    assert one.trained_on == ("IDC",)
    assert one.message == (
        "ct-fm was trained on IDC, and LIDC-IDRI (2 of 4 cases have its ids) shares scans with IDC"
    )


@pytest.mark.parametrize("encoder", ["merlin", "random-segresnet", "intensity-stats", "exported"])
def test_an_encoder_that_has_not_seen_them_is_not_remarked_on(seen, encoder):
    assert seen(f"modalities.ct.encoder={encoder}") == ()


def test_a_note_says_on_one_line_what_it_means_and_what_to_do(seen):
    (note,) = seen(function=training_notes)
    assert note == (
        "`ct`: voco-b was trained on LIDC-IDRI (2 of 4 cases have its ids); results on those cases "
        "are too good: take an encoder that has not seen them, or test on other cases"
    )


def test_training_sets_of_a_recipe_file_are_compared_by_name_alone(seen, tmp_path):
    (tmp_path / "own.yaml").write_text(
        "summary: a network of ours\n"
        "prepare: [{orient: SPL}, {intensity: {clip: [-1000, 1000], to: [0, 1]}}]\n"
        "input: {batch: any}\n"
        "output: {shape: vector, size: 4}\n"
        "facts: {body: any, code_licence: MIT, weights_licence: MIT, trained_on: [our hospital]}\n"
    )
    overrides = ("modalities.ct.encoder=exported", "modalities.ct.recipe_file=own.yaml")
    assert seen(*overrides) == ()
    (one,) = seen(*overrides, "cohort.collections=['our hospital', NLST]")
    assert one.message.startswith("exported was trained on our hospital (named by")


def test_an_encoder_that_does_not_exist_is_an_error(seen):
    with pytest.raises(EncoderError, match="unknown encoder `voco-x`; did you mean"):
        seen("modalities.ct.encoder=voco-x")


def test_names_that_mean_no_collection_are_told_with_the_nearest():
    misspelt, own = unknown_collections(["NSLT", "NLST", "our hospital"])
    assert misspelt == (
        "cohort.collections: `NSLT` is no collection that mmfeat knows; did you mean `NLST`?"
    )
    assert own.endswith("; correct it, or leave it to be compared by its name")


def test_every_stage_up_to_the_results_says_so(tmp_path):
    made = make_cohort(tmp_path / "cohort", 12, encoder="slices-lite0")
    project = load_project(
        made.config,
        [
            "cohort.collections=[ImageNet, ImageNett]",
            "cohort.split.folds=2",
            "train.methods=[logistic]",
            "train.seeds=[0]",
            "eval.resamples=100",
        ],
    )
    note = (
        "`ct`: slices-lite0 was trained on ImageNet (named by `cohort.collections`); results on "
        "those cases are too good: take an encoder that has not seen them, or test on other cases"
    )
    checked = check_project(project).notes
    assert checked[-1] == note
    assert "`ImageNett` is no collection that mmfeat knows" in checked[-2]
    extracted = extract(project, progress=Silent(), should_stop=lambda: False)
    assert extracted.notes == (note,)
    assert extracted.to_json()["notes"] == [note]
    trained = train(project, progress=Silent(), should_stop=lambda: False)
    assert note in trained.notes
    evaluate(project, progress=Silent())
    results = project.path(project.settings.train.run) / "results.json"
    assert json.loads(results.read_text())["warnings"] == [note]
