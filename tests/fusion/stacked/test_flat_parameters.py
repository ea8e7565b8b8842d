import pytest
import torch

from mmfeat.fusion.stacked.flat_parameters import FlatLayout
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture


def test_a_row_holds_every_parameter_and_what_decays_comes_first():
    network = PaperArchitecture((5, 3), 2).build()
    layout = FlatLayout.of(network)
    row = layout.row(dict(network.named_parameters()))
    state = layout.state(row)
    assert state.keys() == network.state_dict().keys()
    for name, values in network.state_dict().items():
        torch.testing.assert_close(state[name], values)
    decayed = {s.name for s in layout.stretches if s.start < layout.n_decayed}
    assert decayed == {"hidden.weight", "classifier.weight"}
    views = layout.views(torch.stack([row, row + 1]))
    torch.testing.assert_close(views["hidden.weight"][1], network.hidden.weight.detach() + 1)


def test_gradients_go_where_their_parameters_are():
    network = PaperArchitecture((5, 3), 2, learnable_tokens=False).build()
    layout = FlatLayout.of(network)
    assert not {s.name for s in layout.trained} & {"tokens._tokens.0", "tokens._tokens.1"}
    gathered = torch.zeros(2, layout.length)
    layout.gather(
        [torch.full((2, *s.shape), n + 1.0) for n, s in enumerate(layout.trained)], gathered
    )
    views = layout.views(gathered)
    for number, stretch in enumerate(layout.trained):
        assert bool((views[stretch.name] == number + 1).all())
    assert not bool(views["tokens._tokens.0"].any())


def test_buffers_are_refused():
    with pytest.raises(ValueError, match="buffers cannot be stacked: running_mean"):
        FlatLayout.of(torch.nn.BatchNorm1d(3))
