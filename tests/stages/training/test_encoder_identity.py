import json

import numpy as np
import pytest

from mmfeat.record_encoders.contract import RecordFitOptions, RecordTask
from mmfeat.stages.training.encoder_identity import encoder_identity
from mmfeat.tabular.column_inputs import ColumnInputs
from mmfeat.tabular.encoder import RecordEncoder
from mmfeat.tabular.records import RecordColumn, RecordTable

AGES = np.array([50.0, 60.0, np.nan, 70.0, 80.0])
LABELS = np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])


def _identity(*, ages=AGES, labels=LABELS, **options):
    fitted_to = RecordTable({"age": RecordColumn("numeric", AGES)})
    records = RecordTable({"age": RecordColumn("numeric", ages)})
    inputs = ColumnInputs.of(RecordEncoder.fit(fitted_to, [0, 1, 3]), records)
    task = RecordTask(
        labels=labels,
        kind="binary",
        n_outputs=1,
        patient_ids=tuple("abcde"),
        train=np.array([0, 1]),
        val=np.array([3]),
    )
    return encoder_identity(
        "plr", inputs, task, place={"fold": 0}, options=RecordFitOptions(**options)
    )


def test_it_is_plain_json_with_the_versions_of_the_packages():
    identity = _identity()
    assert json.loads(json.dumps(identity)) == identity
    assert set(identity["versions"]) == {
        "mmfeat",
        "torch",
        "numpy",
        "rtdl_num_embeddings",
        "rtdl_revisiting_models",
    }


def test_rows_that_are_not_learnt_from_do_not_count():
    ages, labels = AGES.copy(), LABELS.copy()
    ages[4], labels[2] = 20.0, 0.0
    assert _identity(ages=ages, labels=labels) == _identity()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ages": np.where(AGES == 60, 61.0, AGES)}, "records"),
        ({"labels": 1 - LABELS}, "labels"),
        ({"seed": 1}, "seed"),
        ({"most_epochs": 3}, "most_epochs"),
    ],
)
def test_what_is_learnt_from_counts(changed, field):
    before, now = _identity(), _identity(**changed)
    assert [name for name in before if before[name] != now[name]] == [field]


def test_weights_count_by_their_content(tmp_path):
    file = tmp_path / "weights.ckpt"
    file.write_bytes(b"first")
    first = _identity(weights=file)
    file.write_bytes(b"another")
    assert _identity(weights=file)["weights"] != first["weights"]
    (tmp_path / "copy.ckpt").write_bytes(b"first")
    assert _identity(weights=tmp_path / "copy.ckpt") == first
