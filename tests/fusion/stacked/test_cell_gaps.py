import numpy as np
import pytest
import torch

from mmfeat.fusion.cell_dropout import CellDropout
from mmfeat.fusion.stacked.cell_gaps import cell_gaps
from mmfeat.fusion.stacked.counters import StepRandom, position_words

COLUMN_OF = np.array([0, 0, 1, 2])


def _gaps(*shares):
    dropouts = [CellDropout(COLUMN_OF, np.arange(4, dtype=np.float32), share) for share in shares]
    return cell_gaps(dropouts, "cpu", torch.float32)


def _hide(gaps, sets, keys, n_cases=3000, present=True, modality=1):
    features = torch.full((len(sets), n_cases, 4), -1.0)
    return gaps.hide(
        features,
        torch.full((len(sets), n_cases), present),
        sets=torch.tensor(sets),
        random=StepRandom(torch.tensor(keys), position_words(12_000, "cpu")),
        modality=modality,
    )


def test_a_hidden_cell_hides_all_its_numbers_and_half_the_largest_share_are_hidden():
    hidden = _hide(_gaps(0.4, 1.0), sets=[0, 1], keys=[1, 2])
    gone = hidden != -1
    torch.testing.assert_close(hidden[gone], torch.arange(4.0).expand_as(hidden)[gone])
    assert bool((gone[..., 0] == gone[..., 1]).all())
    for head, share in enumerate((0.4, 1.0)):
        assert gone[head, :, 1:].double().mean() == pytest.approx(share / 2, abs=0.025)
    # Cases lose different shares, so cells of one case go together more often than by chance.
    both = (gone[1, :, 2] & gone[1, :, 3]).double().mean()
    assert both == pytest.approx(1 / 3, abs=0.03)


def test_what_a_head_loses_does_not_depend_on_the_others_and_differs_by_modality():
    gaps = _gaps(0.4, 1.0)
    together = _hide(gaps, sets=[0, 1], keys=[1, 2])
    torch.testing.assert_close(_hide(gaps, sets=[1], keys=[2])[0], together[1])
    assert bool((_hide(gaps, sets=[1], keys=[2], modality=0)[0] != together[1]).any())


def test_a_case_without_a_record_is_left_as_it_is():
    assert bool((_hide(_gaps(1.0), sets=[0], keys=[1], present=False) == -1).all())


def test_folds_must_agree_on_whether_cells_are_hidden():
    assert cell_gaps([None, None], "cpu", torch.float32) is None
    dropout = CellDropout(COLUMN_OF, np.zeros(4, np.float32), 0.5)
    with pytest.raises(ValueError, match="in some folds of a stack and not in others"):
        cell_gaps([dropout, None], "cpu", torch.float32)
