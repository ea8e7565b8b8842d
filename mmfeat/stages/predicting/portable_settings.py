"""The settings of a run without anything of the machine and the cohort that it was trained on."""

from pathlib import Path
from typing import Any

from mmfeat.config.modalities import FeaturesModality, Modality, TableModality, VolumeModality
from mmfeat.config.record_columns import TextColumn
from mmfeat.config.settings import Settings
from mmfeat.encoders.own.file_recipe import is_shipped_name

OF_USERS = ("cache", "weights", "README.md")
"""What people may fill or change in an exported folder: features, weights, the model card."""
RECIPES = "recipes"


def portable_settings(settings: Settings, methods: tuple[str, ...]) -> Settings:
    """Return the settings with paths that lie in the exported folder, and some methods only.

    Names of columns, categories and targets stay: new tables are read by them. What is a file of
    the user's own, as weights, gets a place in the folder where a file of the same content may be
    put.
    """
    cohort = settings.cohort
    split = cohort.split.model_copy(update={"file": Path("splits.csv")})
    return settings.model_copy(
        update={
            "cohort": cohort.model_copy(update={"manifest": Path("manifest.csv"), "split": split}),
            "modalities": {
                name: _portable(name, modality) for name, modality in settings.modalities.items()
            },
            "extract": settings.extract.model_copy(update={"cache": Path("cache"), "stage": None}),
            "train": settings.train.model_copy(
                update={"run": Path(), "methods": list(methods), "workers": None}
            ),
            "eval": settings.eval.model_copy(update={"true_risk": None}),
        }
    )


def _portable(name: str, modality: Modality) -> Modality:
    match modality:
        case VolumeModality():
            return modality.model_copy(update=_of_volume(name, modality))
        case TableModality():
            columns = {
                column: kind.model_copy(update={"model": Path("weights") / f"{name}-{column}"})
                if isinstance(kind, TextColumn) and kind.model is not None
                else kind
                for column, kind in modality.columns.items()
            }
            weights = {
                encoder: Path("weights") / f"{name}-{encoder}"
                for encoder in modality.encoder_weights
            }
            return modality.model_copy(update={"columns": columns, "encoder_weights": weights})
        case FeaturesModality():
            return modality.model_copy(update={"file": Path(f"{name}.npz")})


def _of_volume(name: str, modality: VolumeModality) -> dict[str, Any]:
    changed: dict[str, Any] = {
        "weights": None,  # they are found on the machine, or given to `mmfeat predict --weights`
        # A series is named by its scan.
        "reading": modality.reading.model_copy(update={"series_uid": None}),
    }
    if modality.scans is not None:
        changed["scans"] = modality.scans.model_copy(update={"file": Path("scans.csv")})
    if modality.recipe_file is not None and not is_shipped_name(modality.recipe_file):
        changed["recipe_file"] = Path(RECIPES) / f"{name}.yaml"
    return changed
