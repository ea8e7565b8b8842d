import torch

from mmfeat.fusion.stacked.batched_layers import layer_norm, linear


def test_each_head_has_its_own_layer():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(3, 2, 5, 4, generator=generator)
    linears, norms = [
        [make() for _ in range(3)]
        for make in (lambda: torch.nn.Linear(4, 6), lambda: torch.nn.LayerNorm(4))
    ]
    for norm in norms:
        torch.nn.init.normal_(norm.weight)
        torch.nn.init.normal_(norm.bias)
    for layers, function in ((linears, linear), (norms, layer_norm)):
        weight, bias = (
            torch.stack([getattr(one, n) for one in layers]) for n in ("weight", "bias")
        )
        found = function(values, weight, bias)
        for head, layer in enumerate(layers):
            torch.testing.assert_close(found[head], layer(values[head]))
