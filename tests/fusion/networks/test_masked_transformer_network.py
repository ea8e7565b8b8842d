import pytest
import torch

from mmfeat.fusion.networks.masked_transformer_network import MaskedTransformerNetwork


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = MaskedTransformerNetwork([4, 2, 3], n_outputs=2, dropout=0.0, d_token=8)
    return network.eval()


@pytest.fixture
def features():
    return [torch.randn(3, w, generator=torch.Generator().manual_seed(w)) for w in (4, 2, 3)]


def test_an_absent_modality_is_as_if_the_network_had_none_of_it(network, features):
    smaller = MaskedTransformerNetwork([4, 3], n_outputs=2, dropout=0.0, d_token=8).eval()
    kept = {
        name.replace(".2.", ".1.").replace("_tokens.2", "_tokens.1")
        if name.startswith(("projections", "of_modalities"))
        else name: values
        for name, values in network.state_dict().items()
        if not name.startswith(("projections.1", "of_modalities._tokens.1"))
    }
    smaller.load_state_dict(kept)
    rows = torch.arange(3)
    torch.testing.assert_close(
        network(features, rows, torch.tensor([[True, False, True]] * 3)),
        smaller([features[0], features[2]], rows, torch.ones(3, 2).bool()),
    )


def test_its_block_is_the_encoder_layer_of_torch(network):
    block = network.blocks[0]
    layer = torch.nn.TransformerEncoderLayer(
        8, 4, 16, 0.0, "gelu", batch_first=True, norm_first=True
    ).train()  # its fast path in evaluation gives other last bits
    layer.self_attn.in_proj_weight.data = block.query_key_value.weight.data
    layer.self_attn.in_proj_bias.data = block.query_key_value.bias.data
    for theirs, ours in (
        (layer.self_attn.out_proj, block.mix),
        (layer.linear1, block.widen),
        (layer.linear2, block.narrow),
        (layer.norm1, block.attention_norm),
        (layer.norm2, block.hidden_norm),
    ):
        theirs.load_state_dict(ours.state_dict())
    tokens = torch.randn(5, 4, 8, generator=torch.Generator().manual_seed(0))
    attended = torch.tensor([[True, True, False, True]] * 5)
    expected = layer(tokens, src_key_padding_mask=~attended)
    torch.testing.assert_close(block(tokens, attended)[attended], expected[attended])


def test_no_token_or_modality_vector_is_decayed(network):
    tokens = [name for name, p in network.named_parameters() if "token" in name and p.ndim > 1]
    assert tokens == []


def test_a_width_that_the_attention_heads_cannot_share_is_refused():
    with pytest.raises(ValueError, match="multiple of the attention heads, got 10 and 4"):
        MaskedTransformerNetwork([2], n_outputs=1, dropout=0.0, d_token=10)
