"""Figures are PNG files for every kind of target, and the same bytes for the same results."""

import pytest

from mmfeat.progress import Silent
from mmfeat.report import ResultOptions, build_results, draw_figures, read_views

KINDS = {"cancer": "binary", "stage": "multiclass", "findings": "multilabel"}


def _results(frame, risk, modalities=("ct", "clinical")):
    return build_results(
        frame,
        kinds=KINDS,
        methods=["mmfeat"],
        modalities=modalities,
        options=ResultOptions(n_resamples=100),
        true_risk=risk,
        progress=Silent(),
    )


def _draw(folder, frame, risk, modalities=("ct", "clinical")):
    results = _results(frame, risk, modalities)
    return draw_figures(folder, results, read_views(frame, KINDS), true_risk=risk)


@pytest.fixture(scope="module")
def made(made_predictions):
    return made_predictions(n_patients=60, targets=tuple(KINDS), methods=("mmfeat", "average"))


def test_every_target_has_its_two_figures_and_they_are_reproducible(tmp_path, made):
    frame, risk = made
    results = _results(frame, {"cancer": risk})
    files, again = (
        draw_figures(tmp_path / name, results, read_views(frame, KINDS), true_risk={"cancer": risk})
        for name in "ab"
    )
    assert again == files
    assert files == {name: [f"roc-{name}.png", f"reliability-{name}.png"] for name in KINDS}
    for names in files.values():
        for name in names:
            content = (tmp_path / "a" / name).read_bytes()
            assert content.startswith(b"\x89PNG")
            assert content == (tmp_path / "b" / name).read_bytes()
    assert len(list((tmp_path / "a").iterdir())) == 6


def test_a_target_without_complete_cases_has_no_roc_figure(tmp_path, made):
    frame = made[0].query("target == 'cancer' and availability != 'ct+clinical'")
    assert _draw(tmp_path, frame, {}) == {"cancer": ["reliability-cancer.png"]}


def test_one_class_only_still_draws(tmp_path, made):
    frame = made[0].query("target == 'cancer'").assign(label=1.0)
    assert len(_draw(tmp_path, frame, {"cancer": made[1]})["cancer"]) == 2


def test_a_target_without_labels_has_no_figure(tmp_path, made):
    frame = made[0].query("target == 'cancer'").assign(label=float("nan"))
    assert _draw(tmp_path, frame, {}) == {"cancer": []}


def test_one_modality_has_a_figure_by_method(tmp_path, made):
    frame = made[0].query("target == 'cancer' and availability == 'ct'")
    assert len(_draw(tmp_path, frame, {}, modalities=("ct",))["cancer"]) == 2
