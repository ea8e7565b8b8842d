import yaml

from mmfeat.stages.predicting.model_card import write_card
from mmfeat.stages.predicting.run_contents import RunContents


def _estimate(point, low, high):
    return {"point": point, "low": low, "high": high}


def _view(n, point):
    metrics = {"auroc": _estimate(point, point - 0.1, point + 0.05)}
    return {"n": n, "n_patients": n - 2, "n_positive": 30, "metrics": metrics}


RESULTS = {
    "modalities": ["ct", "clinical"],
    "intervals": {"confidence": 0.95},
    "warnings": ["`fmcib` was trained on `LIDC-IDRI`", "the scan of `case-007` is there twice"],
    "targets": {
        "cancer": {
            "kind": "binary",
            "headline": "auroc",
            "availabilities": ["ct+clinical", "ct", "clinical"],
            "methods": {
                "paper": {
                    "natural": _view(80, 0.8125),
                    "simulated": {"ct+clinical": _view(50, 0.9), "ct": _view(60, 0.7)},
                }
            },
            "verdict": {"sentence": "Fusion beats ct alone."},
        }
    },
}


def _card(folder, run, results, ids=()):
    write_card(folder, RunContents.read(run), ["paper"], results, ids=ids)
    return (folder / "README.md").read_text()


def test_it_has_the_metrics_of_each_set_of_modalities_with_intervals(networks_run, tmp_path):
    card = _card(tmp_path, networks_run, RESULTS)
    assert "| method | ct+clinical | ct alone | clinical alone | as they came |" in card
    assert "| `paper` | 0.900 [0.800, 0.950] | 0.700 [0.600, 0.750] | - | 0.812 [" in card
    assert "`cancer`: 80 cases with a label, 78 patients, 30 positive" in card
    assert "Fusion beats ct alone." in card


def test_model_hubs_can_read_its_front_matter(networks_run, tmp_path):
    card = _card(tmp_path, networks_run, RESULTS)
    known = yaml.safe_load(card.split("---")[1])
    assert known["library_name"] == "mmfeat"
    (entry,) = known["model-index"][0]["results"]
    assert entry["metrics"] == [{"type": "auroc", "value": 0.8125}]


def test_it_has_the_sections_of_a_model_card(networks_run, tmp_path):
    card = _card(tmp_path, networks_run, None)
    for section in (
        "## Model details",
        "## Intended use",
        "### Not intended",
        "## Training data",
        "## Evaluation",
        "## Limits, bias and risks",
    ):
        assert section in card
    assert "This run was not evaluated: nobody knows how well it does." in card
    assert "model-index" not in card
    assert "To be filled in by the authors" in card


def test_warnings_are_limits_unless_they_name_a_case(networks_run, tmp_path):
    card = _card(tmp_path, networks_run, RESULTS, ids={"case-007"})
    assert "- `fmcib` was trained on `LIDC-IDRI`" in card
    assert "case-007" not in card
