import pytest
import torch

from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.stacked.architectures import RepresentingArchitecture
from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.flat_parameters import FlatLayout
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.views import every_view

WIDTHS = (7, 4, 3)


@pytest.mark.parametrize(
    "architecture",
    [
        PaperArchitecture(WIDTHS, 3),
        PaperArchitecture(WIDTHS, 1, learnable_tokens=False),
        ResidualArchitecture(WIDTHS, 3, d_projection=6, d_hidden=5),
        ResidualArchitecture((7,), 1, d_projection=6, d_hidden=5),
    ],
)
def test_every_head_answers_as_its_module_does_alone(architecture):
    assert isinstance(architecture, Architecture)
    assert isinstance(architecture, RepresentingArchitecture)
    generator = torch.Generator().manual_seed(0)
    n_heads, n_cases, widths = 3, 5, architecture.widths
    torch.manual_seed(0)
    networks = [architecture.build().eval() for _ in range(n_heads)]
    for network in networks:
        for parameter in network.parameters():  # also what starts at zero or one
            parameter.data += 0.3 * torch.randn(parameter.shape, generator=generator)
    layout = FlatLayout.of(networks[0])
    rows = torch.stack([layout.row(dict(network.named_parameters())) for network in networks])
    features = [torch.randn(n_heads, n_cases, width, generator=generator) for width in widths]
    views = torch.from_numpy(every_view(len(widths)))
    visible = views[None, :, None].expand(n_heads, -1, n_cases, -1)
    batch = StackedBatch(
        features,
        visible,
        torch.ones(n_heads, len(views), n_cases),
        torch.zeros(n_heads, n_cases, 1),
        None,
    )
    found = architecture.outputs(layout.views(rows), batch, None)
    for head, network in enumerate(networks):
        for number, view in enumerate(views):
            alone = network(
                [values[head] for values in features],
                torch.arange(n_cases),
                view.expand(n_cases, -1),
            )
            torch.testing.assert_close(found[head, number], alone, rtol=1e-5, atol=1e-5)


def test_equal_descriptions_can_share_a_stack():
    assert PaperArchitecture(WIDTHS, 1) == PaperArchitecture(WIDTHS, 1)
    assert hash(ResidualArchitecture(WIDTHS, 1)) == hash(ResidualArchitecture(WIDTHS, 1))
    assert PaperArchitecture(WIDTHS, 1) != PaperArchitecture(WIDTHS, 2)
