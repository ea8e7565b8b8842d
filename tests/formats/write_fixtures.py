"""Write what a version of mmfeat leaves on disk, to be read by all later ones.

    python -m tests.formats.write_fixtures

Run once for each release, before its tag; the archive is called after the version, and is never
changed afterwards. Values beside the files say what was read from them then.
"""

import json
import lzma
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

import mmfeat
from mmfeat.config.loading import load_project
from mmfeat.fusion.head_files import read_description, write_description
from mmfeat.launching.command_line import StageCall
from mmfeat.launching.job_folder import JobFolder
from mmfeat.launching.worker_state import WorkerState
from mmfeat.progress import Silent
from mmfeat.provenance import sha256_of_file, write_json
from mmfeat.stages.caches.compact import compact_caches
from mmfeat.stages.evaluation.evaluate import evaluate
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.predicting.exporting import export_run
from mmfeat.stages.training.train import train
from mmfeat.weights_store.folder import WeightsStore
from mmfeat.weights_store.record import WeightsRecord

from .cohorts import ALL_KINDS, BINARY, ENCODERS, write_records, write_run_settings, write_scans
from .reading import answers_of_run, predictions_of_export, rows_of_cache

FIXTURES = Path(__file__).parent
METHODS = [
    "mmfeat",
    "logistic",
    "average",
    "boosting",
    "boosting-average",
    "image-only",
    "table-only",
    "paper",
    "smd-zero",
    "concat-zero",
    "daft",
    "tnf",
    "masked-transformer",
]
RUNS = {
    "records": {
        "targets": BINARY,
        "methods": ["logistic"],
        "encoders": ["tabular-basic", "plr", "ple"],
    },
    "methods": {"targets": BINARY, "methods": METHODS},
    "kinds": {
        "targets": ALL_KINDS,
        "methods": ["logistic", "concat-zero"],
        "joint": {"both": {"cancer": 1.0, "fev1": 0.5}},
    },
    "cox": {
        "targets": {"survival": {**ALL_KINDS["survival"], "model": "cox"}},
        "methods": ["concat-zero"],
        "grid": {"dropout": [0.1, 0.3]},
    },
}
EVALUATED = ("kinds", "cox")
LARGE, STEP = 1000, 37
"""Arrays of more numbers than these keep one in so many; see `thin`."""


def main() -> int:
    """Write the fixtures of this version."""
    archive = FIXTURES / f"{mmfeat.__version__}.tar.xz"
    if archive.exists():
        print(f"{archive.name}: is there already, and fixtures of a release never change")
        return 2
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_caches(folder / "caches")
        write_runs(folder / "runs")
        write_weights(folder / "weights")
        write_job(folder / "jobs")
        pack(folder, archive)
    print(f"{archive.name}: {archive.stat().st_size / 1e3:.0f} kB")
    return 0


def pack(folder: Path, archive: Path) -> None:
    """Write all files of a folder into one archive, without times and owners."""
    with (
        lzma.open(archive, "wb", preset=9) as stream,
        tarfile.open(fileobj=stream, mode="w") as tar,
    ):
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                entry = tarfile.TarInfo(file.relative_to(folder).as_posix())
                entry.size = file.stat().st_size
                with file.open("rb") as content:
                    tar.addfile(entry, content)


def thin(file: Path) -> None:
    """Set most numbers of the large arrays of a trained network to zero, which packs small."""
    with safe_open(file, "np") as opened:
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        told = opened.metadata()
    for name, values in arrays.items():
        if values.size > LARGE:
            kept = np.zeros_like(values)
            kept.flat[::STEP] = values.flat[::STEP]
            arrays[name] = kept
    save_file(arrays, file, metadata=told)


def thin_run(run: Path) -> None:
    """Make all trained networks of a run pack small, and vouch for them again."""
    for file in run.rglob("model.safetensors"):
        description = read_description(file.parent)
        thin(file)
        write_description(file.parent, description)
    for file in run.rglob("encoder.safetensors"):
        thin(file)
        (vouching,) = (one for one in file.parent.glob("*.json") if '"files"' in one.read_text())
        state = json.loads(vouching.read_text())
        state["files"][file.name] = sha256_of_file(file)
        write_json(vouching, state)


def write_caches(folder: Path) -> None:
    """Write a cache of vectors, one of tokens, and one that was compacted."""
    write_scans(folder)
    for name in ENCODERS:
        _extract(folder / f"{name}.yaml")
    settings = (folder / "vectors.yaml").read_text().replace("cache: vectors", "cache: compacted")
    (folder / "compacted.yaml").write_text(settings)
    _extract(folder / "compacted.yaml")
    compact_caches(folder / "compacted", dry_run=False, progress=Silent())
    for file in folder.rglob("timings.jsonl"):
        file.unlink()  # of this machine; for people
    values = {name: rows_of_cache(folder / f"{name}.yaml") for name in (*ENCODERS, "compacted")}
    (folder / "values.json").write_text(json.dumps(values, indent=1) + "\n")


def write_runs(folder: Path) -> None:
    """Write runs with heads of all kinds, and one of them exported."""
    write_records(folder)
    values = {}
    for name, options in RUNS.items():
        project = load_project(write_run_settings(folder, name, **options))
        train(project, progress=Silent(), should_stop=lambda: False)
        thin_run(folder / name)
        if name in EVALUATED:
            evaluate(project, progress=Silent())
            for file in [*(folder / name).glob("*.png"), folder / name / "report.html"]:
                file.unlink()  # made again by `mmfeat report`, and large
        for history in (folder / name).rglob("history.csv"):
            history.unlink()  # for people
        values |= answers_of_run(folder / name)
    export_run(folder / "kinds", folder / "exported")
    predictions_of_export(folder / "exported").to_csv(folder / "exported.csv", index=False)
    np.savez_compressed(folder / "values.npz", **values)


def write_weights(folder: Path) -> None:
    """Write the record of weights that somebody added; the file itself means nothing."""
    store = WeightsStore(folder)
    content = b"weights of nothing\n"
    kept = folder / "ct-fm" / "any.safetensors"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)
    record = WeightsRecord(
        encoder="ct-fm",
        file=kept,
        source="/from/any.safetensors",
        revision=None,
        etag=None,
        n_bytes=len(content),
        sha256=sha256_of_file(kept),
        compared_with="SHA-256",
        code_licence="MIT",
        weights_licence="CC BY-NC 4.0",
        trained_on=("IDC",),
        added="2026-01-01T00:00:00+00:00",
        added_by=f"mmfeat {mmfeat.__version__}",
    )
    store.remember(record)


def write_job(folder: Path) -> None:
    """Write the folder of a job with one shard done and one running."""
    folder.mkdir(parents=True)
    (folder / "mmfeat.yaml").write_text(
        "cohort: {manifest: manifest.csv, targets: {cancer: {kind: binary, column: cancer}}}\n"
        "modalities: {ct: {kind: features, file: ct.npz}}\n"
    )
    project = load_project(folder / "mmfeat.yaml")
    job = JobFolder.create(
        project,
        StageCall("train", Path("/cohort/mmfeat.yaml"), ("train.epochs=2",), ()),
        launcher="local",
        n_shards=2,
        launch={"processes": 2},
        finish=("--finish",),
    )
    job.note_engine(pid=4242)
    now = "2026-01-01T00:00:00+00:00"
    for index, state in ((0, "done"), (1, "running")):
        told = WorkerState(f"{index}/2", state, "node-1", 4242 + index, now, now, n_done=index)
        told.write(job.state_file(index))
        job.log_file(index).write_text(f"shard {index}/2\n")
    job.path.rename(job.path.parent / "a-job")


def _extract(config: Path) -> None:
    extract(load_project(config), progress=Silent(), should_stop=lambda: False)


if __name__ == "__main__":
    sys.exit(main())
