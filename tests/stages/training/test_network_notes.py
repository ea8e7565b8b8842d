import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion.head_files import write_head
from mmfeat.stages.training.network_notes import notes_on_networks
from mmfeat.stages.training.plan import HeadKey


@pytest.fixture
def heads(tmp_path):
    """Write heads whose networks have the given shares, one for each fold."""

    def write(*of_folds, method="mmfeat", target="cancer"):
        keys = []
        for fold, shares in enumerate(of_folds):
            keys.append(HeadKey(target, method, fold, 0))
            description = {} if shares is None else {"shares": shares}
            write_head(keys[-1].folder(tmp_path), method=method, description=description, arrays={})
        return keys

    return write


def test_a_network_that_adds_nothing_anywhere_is_told(heads, tmp_path):
    keys = heads({"0": 0.0, "0+1": 0.0}, {"0": 0.0})
    assert notes_on_networks(keys, tmp_path) == (
        "`cancer`: the network of `mmfeat` adds something to its linear models in no head; "
        "the cohort is too small for it, or there is nothing more to find",
    )


def test_a_network_that_counts_in_less_than_half_of_the_heads_is_told_with_their_number(
    heads, tmp_path
):
    keys = heads({"0": 0.0, "0+1": 0.6}, {"0": 0.0}, {"0": 0.0})
    (note,) = notes_on_networks(keys, tmp_path)
    assert "only in 1 of 3 heads" in note


def test_of_a_network_that_counts_in_half_of_the_heads_nothing_is_said(heads, tmp_path):
    assert notes_on_networks(heads({"0": 0.0}, {"0": 0.2}), tmp_path) == ()


def test_methods_without_shares_and_other_targets_are_counted_apart(heads, tmp_path):
    keys = [
        *heads(None, None, method="paper"),
        *heads({"0": 0.0}, {"0": 0.0}, target="stage"),
        *heads({"0": 1.0}, {"0": 1.0}),
    ]
    (note,) = notes_on_networks(keys, tmp_path)
    assert note.startswith("`stage`")


def test_a_head_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(TrainError, match="not a saved head"):
        notes_on_networks([HeadKey("cancer", "mmfeat", 0, 0)], tmp_path)
