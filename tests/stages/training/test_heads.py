import json
from dataclasses import replace

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method, load_head
from mmfeat.fusion.contract import FitOptions, FoldData
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.running import fit_head
from mmfeat.stages.training.heads import identity_of, is_finished, is_made_from, write_head_folder
from mmfeat.stages.training.plan import HeadKey

N_CASES = 60
KEY = HeadKey("cancer", "average", fold=1, seed=0)


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(0)
    image = generator.normal(size=(N_CASES, 3)).astype(np.float32)
    age = generator.normal(size=(N_CASES, 1)).astype(np.float32)
    labels = (image[:, :1] + age + generator.normal(size=(N_CASES, 1)) > 0).astype(float)
    return FoldData(
        features={"ct": image, "clinical": age},
        present=np.ones((N_CASES, 2), dtype=bool),
        labels=labels,
        task=Task.single("binary"),
        patient_ids=tuple(f"p{number}" for number in range(N_CASES)),
        train=np.arange(40),
        val=np.arange(40, 50),
    )


@pytest.fixture(scope="module")
def head(data):
    return fit_head(get_method("average"), data, seed=0, options=FitOptions())


def _identity(data, *, key=KEY, outputs=("1",), options=None, split="s", features="f"):
    return identity_of(
        key,
        get_method(key.method),
        data,
        outputs,
        options=options or FitOptions(),
        split_digest=split,
        features_digest=features,
    )


@pytest.fixture
def saved(data, head, tmp_path):
    folder = tmp_path / "heads" / "fold1-seed0"
    write_head_folder(head, folder, identity=_identity(data), made={"device": "cpu"})
    return folder


def test_the_identity_is_plain_json_and_comes_back_as_it_was(data):
    identity = _identity(data)
    assert json.loads(json.dumps(identity)) == identity
    assert identity["widths"] == {"ct": 3, "clinical": 1}
    assert set(identity["versions"]) == {"mmfeat", "torch", "numpy", "scikit-learn"}


def test_a_local_build_of_a_library_counts_as_its_version(data):
    assert all("+" not in version for version in _identity(data)["versions"].values())


def test_the_identity_follows_the_labels_that_are_learnt_from_and_no_others(data):
    of_test, of_train = data.labels.copy(), data.labels.copy()
    of_test[55] = 1 - of_test[55]
    of_train[45] = np.nan
    assert _identity(replace(data, labels=of_test)) == _identity(data)
    assert _identity(replace(data, labels=of_train)) != _identity(data)


def test_options_of_networks_are_no_part_of_a_method_that_does_not_use_them(data):
    more = FitOptions(epochs=7)
    assert _identity(data, options=more) == _identity(data)
    key = replace(KEY, method="paper")
    assert _identity(data, key=key, options=more)["options"]["epochs"] == 7
    assert _identity(data, key=key, options=more) != _identity(data, key=key)


def test_a_head_that_is_not_there_is_not_finished(data, tmp_path):
    assert not is_finished(tmp_path / "none", _identity(data))


def test_a_saved_head_is_finished_and_can_be_loaded(data, head, saved):
    assert is_finished(saved, _identity(data))
    visible = np.ones((N_CASES, 2), dtype=bool)
    np.testing.assert_array_equal(
        load_head(saved).predict(data.features, visible), head.predict(data.features, visible)
    )
    description = json.loads((saved / "head.json").read_text())
    assert description["method"] == "average"
    assert description["made"] == {"device": "cpu"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split": "t"}, "split was s and is t;"),
        ({"features": "g"}, "features was f and is g;"),
        ({"outputs": ("yes",)}, r"outputs was \['1'\] and is \['yes'\];"),
        ({"key": replace(KEY, fold=2)}, "fold was 1 and is 2;"),
        ({"split": "t", "features": "g"}, "split was s and is t; features was f and is g;"),
    ],
)
def test_a_head_of_another_identity_is_refused_and_each_difference_named(
    data, saved, changes, message
):
    with pytest.raises(TrainError, match=f"made from something else: {message} give another"):
        is_finished(saved, _identity(data, **changes))


def test_differences_within_a_group_are_named_with_the_group_and_long_values_are_cut(data, saved):
    wanted = _identity(data)
    wanted["widths"] = {"ct": 5, "pet": 2}
    wanted["labels"] = "0" * 64
    with pytest.raises(TrainError) as caught:
        is_finished(saved, wanted)
    for part in ("widths.ct was 3 and is 5", "widths.pet was None and is 2"):
        assert part in str(caught.value)
    assert "widths.clinical was 1 and is None" in str(caught.value)
    assert f"labels was {_identity(data)['labels'][:12]}... and is 000000000000..." in str(
        caught.value
    )


def test_other_versions_are_refused_for_training_and_accepted_for_use(data, saved):
    wanted = _identity(data)
    wanted["versions"] = {**wanted["versions"], "torch": "1.0"}
    with pytest.raises(TrainError, match=r"versions\.torch was .* and is 1\.0"):
        is_finished(saved, wanted)
    assert is_made_from(saved, wanted, of_any_version=True)
    with pytest.raises(TrainError, match="split was s and is t"):
        is_made_from(saved, {**wanted, "split": "t"}, of_any_version=True)


@pytest.mark.parametrize("name", ["model.safetensors", "head.json"])
def test_a_head_without_one_of_its_files_is_not_whole(data, saved, name):
    (saved / name).unlink()
    with pytest.raises(TrainError, match="train again with --overwrite"):
        is_finished(saved, _identity(data))


def test_a_head_without_identity_is_not_whole(data, head, tmp_path):
    head.save(tmp_path / "bare")
    with pytest.raises(TrainError, match="bare: not a whole head; train again with --overwrite"):
        is_finished(tmp_path / "bare", _identity(data))


def test_writing_again_replaces_the_whole_folder_and_leaves_nothing_beside_it(data, head, saved):
    (saved / "old.txt").touch()
    write_head_folder(head, saved, identity=_identity(data, split="t"), made={})
    assert is_finished(saved, _identity(data, split="t"))
    assert not (saved / "old.txt").exists()
    assert list(saved.parent.iterdir()) == [saved]


def test_a_head_that_cannot_be_written_leaves_the_old_one(data, saved):
    class Full:
        """A head whose disk is full half way."""

        def predict(self, features, visible):
            raise NotImplementedError

        def save(self, folder):
            folder.mkdir()
            (folder / "head.json").write_text("{half")
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        write_head_folder(Full(), saved, identity={}, made={})
    assert is_finished(saved, _identity(data))
    assert list(saved.parent.iterdir()) == [saved]
