"""Fixtures that every test may use."""

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from jaxtyping import install_import_hook

from .object_store import Bucket, served_store
from .safety.programs import ProgramHost

if TYPE_CHECKING:
    from mmfeat.config.loading import Project

# Shapes and types of every function in these packages are checked under pytest, and only there.
install_import_hook(["mmfeat.fusion", "mmfeat.losses"], "beartype.beartype")

# A red run in CI is to be the change's fault, and not that of new random examples; nor is it to be,
# anywhere, that of a machine that does other things as well.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

# Copies that transformers makes of the code in model folders do not go into the user's cache.
_COPIED_CODE = tempfile.TemporaryDirectory(prefix="mmfeat-modules-")
os.environ["HF_MODULES_CACHE"] = _COPIED_CODE.name

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _no_weights_of_this_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no test find, or change, the weights that this user has on this machine."""
    monkeypatch.setenv("MMFEAT_WEIGHTS", str(tmp_path / "no-weights"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "no-hub"))
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProgramHost]:
    """Start programs without waiting for Python and torch."""
    made = ProgramHost(tmp_path_factory.mktemp("programs"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of a server that speaks the protocol of S3."""
    with served_store() as address:
        yield address


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket, with the address and the credentials in the environment."""
    s3fs = pytest.importorskip("s3fs")
    monkeypatch.setenv("AWS_ENDPOINT_URL", object_store)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-user-of-tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # One file system for all tests of a process: a new one takes botocore a second.
    made = Bucket(f"bucket-{uuid.uuid4().hex[:12]}", object_store, s3fs.S3FileSystem())
    made.files.mkdir(made.name)
    return made


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real CT volumes beside the project; where it is absent, the test skips."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real CT volumes (../shared/data) are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def made_predictions() -> Callable:
    """A function that makes up a predictions table, as `predict_run` gives it, and the true risk.

    Patients have one or more cases; a quarter of them lacks `ct`, a sixth `clinical`, none both.
    The targets are `cancer` (binary), `stage` (multiclass) and `findings` (multilabel, some labels
    missing).
    """
    import numpy as np
    import pandas as pd

    def make(
        n_patients=150, methods=("mmfeat", "logistic", "average"), targets=("cancer",), seed=0
    ):
        generator = np.random.default_rng(seed)
        again = generator.integers(n_patients, size=n_patients // 4)
        patients = np.sort(np.concatenate([np.arange(n_patients), again]))
        n = len(patients)
        image, record = generator.normal(size=(2, n))
        has_ct = generator.random(n) > 0.25
        has_clinical = (generator.random(n) > 0.17) | ~has_ct
        seen = {
            "ct+clinical": (image + record, has_ct & has_clinical, has_ct & has_clinical),
            "ct": (image, has_ct, has_ct & ~has_clinical),
            "clinical": (record, has_clinical, has_clinical & ~has_ct),
        }
        risk = 1 / (1 + np.exp(-(image + record - 0.5)))
        stage = np.digitize(image + record + generator.normal(size=n), [-1, 1])
        findings = (generator.normal(size=(n, 2)) + image[:, None] > 0.5).astype(float)
        findings[generator.random((n, 2)) < 0.2] = np.nan
        labels = {
            "cancer": {"1": (generator.random(n) < risk).astype(float)},
            "stage": {
                name: (stage == k).astype(float) for k, name in enumerate(["I", "II", "III"])
            },
            "findings": {"nodule": findings[:, 0], "emphysema": findings[:, 1]},
        }
        parts = []
        for target in targets:
            for number, method in enumerate(methods):
                for availability, (signal, simulated, natural) in seen.items():
                    noisy = signal + generator.normal(scale=0.1 + 0.4 * number, size=n)
                    odds = np.exp(np.arange(3)[:, None] * noisy)
                    classes = odds / odds.sum(axis=0)  # (classes, cases)
                    for k, (output, values) in enumerate(labels[target].items()):
                        scores = classes[k] if target == "stage" else 1 / (1 + np.exp(0.5 - noisy))
                        for regime, rows in (("simulated", simulated), ("natural", natural)):
                            part = pd.DataFrame(
                                {
                                    "case_id": [f"case-{i:04d}" for i in np.flatnonzero(rows)],
                                    "patient_id": [f"patient-{i:04d}" for i in patients[rows]],
                                    "target": target,
                                    "method": method,
                                    "fold": patients[rows] % 5,
                                    "regime": regime,
                                    "availability": availability,
                                    "output": output,
                                    "prediction": scores[rows],
                                    "label": values[rows],
                                }
                            )
                            parts.append(part)
        return pd.concat(parts, ignore_index=True), {
            f"case-{i:04d}": float(risk[i]) for i in range(n)
        }

    return make


@pytest.fixture(scope="session")
def write_project() -> Callable:
    """A function that writes a cohort of embeddings and ages, and returns its settings file.

    Cancer follows from both modalities; a fifth of the cases lacks each, none both. `risk.csv`
    holds the true risk.
    """
    import numpy as np
    import pandas as pd

    def write(folder: Path, n_cases: int = 90) -> Path:
        generator = np.random.default_rng(0)
        cases = [f"c{number:03d}" for number in range(n_cases)]
        image, age = generator.normal(size=(2, n_cases))
        risk = 1 / (1 + np.exp(-1.5 * (image + age)))
        has_image, has_age = generator.random((2, n_cases)) > 0.2
        frame = pd.DataFrame({"case_id": cases})
        frame["patient_id"] = [f"p{number // 2:03d}" for number in range(n_cases)]
        frame["cancer"] = (generator.random(n_cases) < risk).astype(int)
        frame["age"] = np.where(has_age | ~has_image, np.round(60 + 10 * age, 1).astype(str), "")
        frame.to_csv(folder / "manifest.csv", index=False)
        features = np.stack([image, *generator.normal(size=(3, n_cases))], axis=1).astype(
            np.float32
        )
        np.savez(folder / "ct.npz", case_id=np.array(cases)[has_image], feature=features[has_image])
        pd.DataFrame({"case_id": cases, "cancer": risk}).to_csv(folder / "risk.csv", index=False)
        (folder / "mmfeat.yaml").write_text(
            "cohort:\n"
            "  manifest: manifest.csv\n"
            "  targets: {cancer: {kind: binary, column: cancer}}\n"
            "  split: {folds: 3}\n"
            "modalities:\n"
            "  ct: {kind: features, file: ct.npz}\n"
            "  clinical: {kind: table, columns: {age: {type: numeric}}}\n"
            "train: {methods: [logistic, average], seeds: [0]}\n"
            "eval: {resamples: 200, true_risk: risk.csv, figures: false}\n"
        )
        return folder / "mmfeat.yaml"

    return write


@pytest.fixture(scope="session")
def referenced(tmp_path_factory: pytest.TempPathFactory) -> "Project":
    """A small trained project of scans and records, with all that predictions of new cases need."""
    from .stages.predicted_cohort import referenced_project

    return referenced_project(tmp_path_factory.mktemp("referenced"))
