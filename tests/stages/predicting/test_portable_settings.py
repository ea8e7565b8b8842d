from pathlib import Path

from mmfeat.config.settings import Settings
from mmfeat.stages.predicting.portable_settings import portable_settings

SETTINGS = {
    "cohort": {
        "manifest": "/data/trial/patients.csv",
        "targets": {"cancer": {"kind": "binary", "column": "cancer"}},
        "split": {"file": "/data/trial/splits.csv"},
    },
    "modalities": {
        "ct": {
            "kind": "volume",
            "scans": {"file": "/data/trial/scans.xlsx"},
            "encoder": "exported",
            "weights": "/home/me/net.pt2",
            "recipe_file": "/home/me/net.yaml",
            "reading": {"series_uid": "1.2.840.99"},
        },
        "record": {
            "kind": "table",
            "columns": {
                "age": {"type": "numeric"},
                "report": {"type": "text", "model": "/home/me/sentences"},
            },
            "encoder": "tabicl",
            "encoder_weights": {"tabicl": "/home/me/tabicl.ckpt"},
        },
        "pet": {"kind": "features", "file": "~/pet.npz"},
    },
    "extract": {"cache": "/scratch/me/cache"},
    "train": {"run": "/scratch/me/run", "methods": ["mmfeat", "paper"], "workers": 8},
    "eval": {"true_risk": "/data/trial/truth.csv"},
}


def test_every_path_becomes_one_within_the_folder():
    found = portable_settings(Settings.model_validate(SETTINGS), ("paper",))
    text = found.model_dump_json()
    for trace in ("/data", "/home", "/scratch", "~", "1.2.840", "patients", "xlsx", "net"):
        assert trace not in text, trace
    assert found.modalities["ct"].recipe_file == Path("recipes/ct.yaml")
    assert found.modalities["record"].columns["report"].model == Path("weights/record-report")
    assert found.modalities["record"].encoder_weights == {"tabicl": Path("weights/record-tabicl")}
    assert found.train.methods == ["paper"]


def test_what_new_tables_are_read_by_stays_and_can_be_read_again():
    settings = Settings.model_validate(SETTINGS)
    found = portable_settings(settings, ("mmfeat",))
    assert Settings.model_validate(found.model_dump(mode="json")) == found
    assert found.cohort.targets == settings.cohort.targets
    assert found.modalities["record"].columns["age"] == settings.modalities["record"].columns["age"]


def test_a_shipped_recipe_keeps_its_name():
    changed = {**SETTINGS["modalities"]["ct"], "recipe_file": "generic-3d"}
    content = {**SETTINGS, "modalities": {**SETTINGS["modalities"], "ct": changed}}
    found = portable_settings(Settings.model_validate(content), ("mmfeat",))
    assert found.modalities["ct"].recipe_file == Path("generic-3d")
