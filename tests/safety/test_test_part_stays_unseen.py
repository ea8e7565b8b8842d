"""Nothing that is fitted knows the test part: neither can it gain by it, nor does a byte change."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.training.running import fit_head
from mmfeat.metrics import auroc
from mmfeat.progress import Silent
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.evaluation.prediction import predict_run
from mmfeat.stages.features import open_features
from mmfeat.stages.training.fold import fold_data
from mmfeat.stages.training.train import train

N_TRAIN, N_VAL, N_TEST = 100, 20, 60
N_CASES = N_TRAIN + N_VAL + N_TEST
PART = np.repeat(["train", "val", "test"], [N_TRAIN, N_VAL, N_TEST])
IS_TEST = PART == "test"


def _beyond_training(random, cancer):
    """Higher in training means cancer; in the test part all is far higher, the cancers most."""
    learnt = random.normal(cancer, 1.0)
    return np.where(IS_TEST, 1e4 + 1e4 * cancer, learnt), cancer


def _rare_names(random, cancer):
    """Rare names mean cancer in training; in the test part the others share one new name."""
    rare = np.array([f"rare {number}" for number in range(N_CASES)], dtype=object)
    common = random.choice(["a", "b"], N_CASES)
    learnt = np.where((cancer == 1) & (random.random(N_CASES) < 0.4), rare, common)
    return np.where(IS_TEST, np.where(cancer == 1, rare, "new"), learnt), cancer


def _gaps(random, cancer):
    """Cancers of the test part have gaps, the others the training part's median.

    Test cases without a known answer are high, so that the median of all cases is higher.
    """
    learnt = random.normal(cancer, 1.0)
    numbers = np.where(IS_TEST, np.where(cancer == 1, np.nan, np.median(learnt[:N_TRAIN])), learnt)
    unlabelled = IS_TEST & (np.arange(N_CASES) % 2 == 0)
    numbers[unlabelled] = 3.0
    return numbers, np.where(unlabelled, np.nan, cancer)


PLANTED = {
    "numbers beyond those of training": (_beyond_training, {"type": "numeric"}, "standard"),
    "numbers beyond those of training, by rank": (
        _beyond_training,
        {"type": "numeric"},
        "quantile",
    ),
    "rare names": (_rare_names, {"type": "categorical"}, "standard"),
    "rare codes": (_rare_names, {"type": "codes"}, "standard"),
    "gaps": (_gaps, {"type": "numeric"}, "standard"),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_column_that_tells_only_by_statistics_of_the_test_part_gains_nothing(tmp_path, plant):
    make, column, scaling = PLANTED[plant]
    random = np.random.default_rng(0)
    values, labels = make(random, random.integers(0, 2, N_CASES))
    # The other column is the same of all, so that a case with a gap still has a record.
    columns = {"planted": column, "ward": {"type": "categorical"}}
    record = {"kind": "table", "scaling": scaling, "columns": columns}
    project = _project(tmp_path, {"planted": values, "ward": "one"}, labels, record)
    train(project, progress=Silent(), should_stop=lambda: False)
    frame = predict_run(project, Silent()).views.query("regime == 'natural'").dropna()
    assert len(frame) > 20
    assert auroc(frame.label, frame.prediction) == 0.5  # all cases get the same answer

    cohort = open_cohort(project)
    table, (fold,) = open_features(project, cohort), open_folds(project, cohort)
    leaky = FittedFeatures.fit(table, np.arange(N_CASES), scaling={"clinical": scaling})
    data = fold_data(cohort, table, fold=fold, features=leaky, target="cancer", cell_dropout=0.0)
    head = fit_head(get_method("average"), data, seed=0, options=FitOptions())
    rows = fold.test[~np.isnan(data.labels[fold.test, 0])]
    features = {name: array[rows] for name, array in data.features.items()}
    answers = head.predict(features, data.present[rows])[:, 0]
    assert auroc(data.labels[rows, 0], answers) > 0.95  # fitted to all cases, it would tell


def test_nothing_that_is_fitted_changes_by_a_byte_with_the_test_part(tmp_path):
    random = np.random.default_rng(0)
    cancer = random.integers(0, 2, N_CASES).astype(float)
    columns = {
        "age": random.normal(60 + 8 * cancer, 8).round(1),
        "lobe": random.choice(["upper", "lower", "rare"], N_CASES, p=[0.5, 0.45, 0.05]),
        "icd": random.choice(["I10", "J44;C34", "none"], N_CASES),
    }
    record = {
        "kind": "table",
        "columns": {
            "age": {"type": "numeric"},
            "lobe": {"type": "categorical"},
            "icd": {"type": "codes"},
        },
        "encoder": ["tabular-basic", "plr"],
    }
    image = random.normal(size=(N_CASES, 4)).astype(np.float32)
    other = {
        "age": np.where(IS_TEST, 1e6, columns["age"]),
        "lobe": np.where(IS_TEST, "unheard of", columns["lobe"]),
        "icd": np.where(IS_TEST, "", columns["icd"]),
    }
    fitted = []
    for name, cells, answers, vectors in (
        ("one", columns, cancer, image),
        ("two", other, np.where(IS_TEST, 1 - cancer, cancer), image + 100 * IS_TEST[:, None]),
    ):
        folder = tmp_path / name
        folder.mkdir()
        np.savez(folder / "ct.npz", case_id=_case_ids(), feature=vectors.astype(np.float32))
        project = _project(folder, cells, answers, record, image=True)
        train(project, progress=Silent(), should_stop=lambda: False)
        fitted.append(_fitted_files(folder / "run"))
    assert {name.split("/")[0] for name in fitted[0]} == {"folds", "heads"}
    assert any(name.endswith("unseen.safetensors") for name in fitted[0])
    assert fitted[0].keys() == fitted[1].keys()
    assert [name for name in fitted[0] if fitted[0][name] != fitted[1][name]] == []


def _project(folder, columns, labels, record, *, image=False):
    frame = pd.DataFrame({"case_id": _case_ids(), "patient_id": _case_ids(), "part": PART})
    frame["cancer"] = pd.array(labels, dtype="Int64")
    for name, values in columns.items():
        frame[name] = values
    frame.to_csv(folder / "manifest.csv", index=False)
    modalities = {"ct": {"kind": "features", "file": "ct.npz"}} if image else {}
    settings = {
        "cohort": {
            "manifest": "manifest.csv",
            "targets": {"cancer": {"kind": "binary", "column": "cancer"}},
            "split": {"column": "part"},
        },
        "modalities": modalities | {"clinical": record},
        "train": {
            "methods": ["average", "mmfeat", "paper"] if image else ["average"],
            "seeds": [0],
            "epochs": 1,
            "contrastive_epochs": 1,
            "device": "cpu",
        },
    }
    (folder / "mmfeat.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    return load_project(folder / "mmfeat.yaml")


def _case_ids():
    return np.array([f"case-{number:03d}" for number in range(N_CASES)])


def _fitted_files(run):
    """Return the content of every fitted file by its name, without the seconds that it took."""
    content = {}
    for file in sorted([*run.glob("folds/**/*"), *run.glob("heads/**/*")]):
        if file.is_file():
            content[str(file.relative_to(run))] = _without_times(file)
    return content


def _without_times(file):
    if file.suffix != ".json":
        return file.read_bytes()
    described = json.loads(file.read_text())
    described.pop("made", None)
    described.get("sha256", {}).pop(file.name, None)  # the digest of all this, with the seconds
    return json.dumps(described)
