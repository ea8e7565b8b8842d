"""What has to be true in the end, whatever happened: nothing lost, nothing torn, nothing else."""

import json
import shutil
from pathlib import Path
from typing import Any

from mmfeat.cache import CacheFolder
from mmfeat.provenance import sha256_of_file
from mmfeat.report.html.page_source import PageSource

from ..safety.caches import contents
from ..stages.training_cohort import head_bytes
from .mending import run_as_told
from .soaked_cohort import DONE, STAGES, WELL, SoakedCohort

INPUTS = ("manifest.csv", "mmfeat.yaml", "scans", "path.npz")
TABLES = ("predictions.parquet", "validation.parquet", "missing_cells.parquet")
_OF_TIME = ("extraction", "made_with", "trained", "seconds")


def check_end(soaked: SoakedCohort) -> None:
    """Run everything to its end, and compare it with a cohort that nothing ever happened to."""
    codes = {stage: run_as_told(soaked, stage).code for stage in STAGES}
    soaked.run("cache", "rm-stale", "mmfeat.yaml", "--yes", may=frozenset({DONE}))
    soaked.run("cache", "verify", "mmfeat.yaml", may=frozenset({DONE}))
    check_every_case_is_settled(soaked)
    check_nothing_half_written(soaked.folder)
    PageSource.read(soaked.folder / "run")
    troubled = found_in(soaked)
    _start_anew(soaked)
    for stage in STAGES:
        ended = soaked.run(stage, may=WELL)
        assert ended.code == codes[stage], f"{stage} ended with {codes[stage]} after troubles"
    compare(found_in(soaked), troubled)


def check_every_case_is_settled(soaked: SoakedCohort) -> None:
    """Every scan is done, failed with a reason, or rejected; every case is somewhere."""
    status = json.loads(soaked.run("status", "--json", may=frozenset({DONE})).out)
    for modality in status["modalities"]:
        counts = modality["cases"]
        assert counts["pending"] == counts["running"] == 0, modality
        n_reasons = sum(reason["n_cases"] for reason in modality["reasons"])
        assert n_reasons == counts["failed"] + counts["rejected"], modality
        cells = soaked.cohort.manifest[modality["name"]]
        expected = sum(len(cell.split(";")) if cell else 1 for cell in cells)
        assert sum(counts.values()) == expected, modality


def check_nothing_half_written(folder: Path) -> None:
    """Nothing that a process was writing when it was killed or stopped is left."""
    left = [*folder.rglob(".*partial*"), *folder.rglob("unfinished")]
    assert not left, f"left over: {left}"


def found_in(soaked: SoakedCohort) -> dict[str, Any]:
    """Return everything that may not depend on what happened, by name."""
    found: dict[str, Any] = {}
    for name in soaked.cohort.volumes:
        for recipe in sorted(soaked.folder.glob(f"cache/{name}/*/recipe.json")):
            identity = json.loads(recipe.read_text())
            folder = CacheFolder.find(soaked.folder / "cache", name, identity)
            found[f"{name}: features"] = contents(folder)
            found[f"{name}: failures"] = folder.failures()
    run = soaked.folder / "run"
    found["heads"] = dict(head_bytes(run))
    found |= {name: sha256_of_file(run / name) for name in TABLES if (run / name).is_file()}
    found["results"] = _results(run / "results.json")
    return found


def compare(expected: dict[str, Any], troubled: dict[str, Any]) -> None:
    """Refuse any difference, and name where it is."""
    assert troubled.keys() == expected.keys()
    for name, wanted in expected.items():
        if isinstance(wanted, dict) and troubled[name] != wanted:
            _explain(name, wanted, troubled[name])
        assert troubled[name] == wanted, f"{name} differ from those of an undisturbed run"


def _explain(name: str, wanted: dict[Any, Any], got: dict[Any, Any]) -> None:
    keys = wanted.keys() | got.keys()
    differing = [key for key in keys if wanted.get(key) != got.get(key)]
    shown = {key: (wanted.get(key), got.get(key)) for key in sorted(differing, key=str)[:5]}
    raise AssertionError(
        f"{name}: {len(differing)} differ (undisturbed, troubled): {shown!r:.2000}"
    )


def _results(file: Path) -> dict[str, Any]:
    flat: dict[str, Any] = {}

    def flatten(place: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                flatten(f"{place}.{key}", item)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                flatten(f"{place}.{number}", item)
        else:
            flat[place] = value

    flatten("results", json.loads(file.read_text()))
    return flat


def _start_anew(soaked: SoakedCohort) -> None:
    """Put the cohort aside, and its inputs alone in its place: paths are in results and reasons."""
    troubled = soaked.beside / "troubled"
    soaked.folder.rename(troubled)
    soaked.folder.mkdir()
    for name in INPUTS:
        if (troubled / name).is_dir():
            shutil.copytree(troubled / name, soaked.folder / name)
        elif (troubled / name).is_file():
            shutil.copy2(troubled / name, soaked.folder / name)
