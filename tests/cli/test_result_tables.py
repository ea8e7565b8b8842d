"""What people read: tables that fit the screen, and words that follow the interval."""

import io
import re
from pathlib import Path

import pytest
from mmfeat.cli.console import PlainConsole
from mmfeat.cli.result_sentences import (
    ceiling_sentences,
    complete_cases_sentence,
    natural_sentence,
    size_sentence,
    view_sentences,
)
from mmfeat.cli.result_tables import show_results

from mmfeat.progress import Silent
from mmfeat.report import ResultOptions, build_results
from mmfeat.report.wording import with_interval

MODALITIES = ["ct", "clinical"]
KINDS = {"cancer": "binary", "stage": "multiclass", "findings": "multilabel"}


def _build(frame, risk, modalities=MODALITIES):
    results = build_results(
        frame,
        kinds=KINDS,
        methods=["mmfeat"],
        modalities=modalities,
        options=ResultOptions(n_resamples=100),
        true_risk=risk,
        progress=Silent(),
    )
    return results | {"figures": {"cancer": ["roc-cancer.png"]}}


@pytest.fixture(scope="module")
def made(made_predictions):
    return made_predictions(n_patients=100, targets=tuple(KINDS))


@pytest.fixture(scope="module")
def results(made):
    return _build(made[0], {"cancer": made[1]})


def _shown(results, width):
    stream = io.StringIO()
    show_results(PlainConsole(file=stream, width=width), results, Path("run"))
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_every_value_stands_on_one_line_from_80_columns_on(results, width):
    text = _shown(results, width)
    assert max(map(len, text.splitlines())) <= width
    for method in ("mmfeat", "logistic", "average"):
        entries = results["targets"]["cancer"]["methods"][method]["simulated"]
        values = [with_interval(entry["metrics"]["auroc"]) for entry in entries.values()]
        assert "  ".join(values) in text
    for entry in results["targets"]["cancer"]["methods"]["mmfeat"]["simulated"].values():
        assert (
            "  ".join(with_interval(entry["metrics"][name]) for name in ("auprc", "brier", "ece"))
            in text
        )


def test_a_narrow_screen_loses_nothing(results):
    text = _shown(results, 64)
    assert max(map(len, text.splitlines())) <= 64
    auroc = results["targets"]["cancer"]["methods"]["mmfeat"]["simulated"]["ct"]["metrics"]["auroc"]
    assert f"{auroc['point']:.3f}" in text
    assert f"[{auroc['low']:.3f}, {auroc['high']:.3f}]" in text


def test_it_ends_with_the_paths_and_the_verdict(results):
    lines = _shown(results, 400).splitlines()
    start = lines.index("Results and figures:")
    assert lines[start + 1 : start + 4] == [
        "  run/results.json",
        "  run/predictions.parquet",
        "  run/roc-cancer.png",
    ]
    verdicts = {name: one["verdict"]["sentence"] for name, one in results["targets"].items()}
    assert lines[start + 4 :] == [
        *(f"{name}: {sentence}" for name, sentence in verdicts.items()),
        results["verdict"]["sentence"],
    ]


def test_one_target_has_one_verdict(results):
    (name, of_target), *_ = results["targets"].items()
    alone = results | {"targets": {name: of_target}, "verdict": of_target["verdict"]}
    shown = _shown(alone, 400)
    assert shown.count(of_target["verdict"]["sentence"]) == 1
    assert shown.splitlines()[-1] == of_target["verdict"]["sentence"]


def test_warnings_stand_before_the_paths(results):
    warned = results | {"warnings": ["`ct`: voco-b was trained on NLST"]}
    _, _, end = _shown(warned, 80).partition("- warning: `ct`: voco-b was trained on NLST\n")
    assert end.startswith("Results and figures:")
    assert "warning" not in _shown(results, 80)


def test_columns_are_named_by_modalities_and_means_are_said(results):
    text = _shown(results, 100)
    assert "ct alone" in text
    assert "AUROC, mean over classes [95 % interval]" in text
    assert "AUROC, mean over labels [95 % interval]" in text


def test_many_availabilities_become_rows(made):
    frame = made[0].query("target == 'cancer' and regime == 'simulated'")
    patterns = ["a+b+c", "a+b", "a+c", "b+c", "a", "b", "c"]
    base = frame[frame.availability == "ct"]
    many = [base.assign(availability=name) for name in patterns]
    of_three = _build(__import__("pandas").concat(many), {}, modalities=["a", "b", "c"])
    lines = _shown(of_three, 80).splitlines()
    header = next(line for line in lines if line.startswith("seen"))
    assert header.split() == ["seen", "mmfeat", "logistic", "average"]
    assert [line.split(" (")[0] for line in lines if " alone (" in line] == [
        "a alone",
        "b alone",
        "c alone",
    ]


def test_undefined_numbers_are_a_dash_with_the_reason_below(made):
    frame = made[0].query("target == 'cancer'").assign(label=0.0)
    text = _shown(_build(frame, {"cancer": made[1]}), 100)
    assert re.search(r"^mmfeat +- +- +-", text, flags=re.MULTILINE)
    assert "cases are negative" in text


def test_no_label_at_all_is_said(made):
    frame = made[0].query("target == 'cancer'").assign(label=float("nan"))
    text = _shown(_build(frame, {}), 100)
    assert "0 cases with a label" in text
    assert "No comparison on the same cases" in text


def _difference(point, low, high, p=0.01):
    auroc = {"point": point, "low": low, "high": high, "p": p, "n": 320, "reason": None}
    one = {"method": "mmfeat", "minus_method": "mmfeat", "metrics": {"auroc": auroc}}
    one |= {"availability": "ct+clinical", "minus_availability": "ct"}
    return {"kind": "binary", "complete_cases": {"n": 320, "differences": [one]}}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((0.05, 0.02, 0.08), "ct+clinical beats ct alone by 0.050 [0.020, 0.080], p = 0.010"),
        (
            (-0.05, -0.08, -0.02),
            "ct+clinical is worse than ct alone by 0.050 [0.020, 0.080], p = 0.010",
        ),
        (
            (0.05, -0.02, 0.12),
            "ct+clinical against ct alone: no clear difference, +0.050 [-0.020, 0.120], p = 0.010",
        ),
    ],
)
def test_words_follow_the_interval(values, sentence):
    of_target = _difference(*values)
    assert view_sentences("mmfeat", of_target, MODALITIES) == [sentence]
    shown = complete_cases_sentence(of_target, MODALITIES)
    assert shown == "On the 320 cases that have both, AUROC [interval]:"


def test_a_difference_without_an_interval_says_why():
    of_target = _difference(0.05, None, None, None)
    of_target["complete_cases"]["differences"][0]["metrics"]["auroc"]["reason"] = "one patient"
    (sentence,) = view_sentences("mmfeat", of_target, MODALITIES)
    assert sentence == "ct+clinical against ct alone: +0.050, one patient"


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ((0.03, 0.01, 0.05), "0.030 [0.010, 0.050] above"),
        ((-0.01, -0.03, 0.02), "0.010 [-0.020, 0.030] below"),
    ],
)
def test_the_ceiling_says_how_far_the_model_is(gap, words):
    point, low, high = gap
    ceiling = {
        "auroc": {"point": 0.88, "low": 0.85, "high": 0.91},
        "above_model": {"point": point, "low": low, "high": high},
        "method": "mmfeat",
        "availability": "ct+clinical",
    }
    (sentence,) = ceiling_sentences({"ceiling": ceiling})
    assert (
        sentence == f"the true risk reaches 0.880 [0.850, 0.910]: {words} mmfeat with ct+clinical"
    )


def test_sizes_and_the_natural_regime_in_words(results):
    of_target = results["targets"]["cancer"]
    natural = of_target["methods"]["mmfeat"]["natural"]
    assert size_sentence(of_target, natural) == (
        f"{natural['n']} cases with a label, {natural['n_patients']} patients, "
        f"{natural['n_positive']} positive ({100 * natural['prevalence']:.1f} %)"
    )
    parts = of_target["methods"]["mmfeat"]["natural_by_availability"]
    sentence = natural_sentence("mmfeat", of_target, MODALITIES)
    assert f"({parts['ct+clinical']['n']} ct+clinical, {parts['ct']['n']} ct alone" in sentence
    assert sentence.endswith(f"reaches AUROC {with_interval(natural['metrics']['auroc'])}")
