"""The networks are those of the authors' packages."""

import numpy as np
import pytest
import torch
from rtdl_revisiting_models import FTTransformer as AuthorsFTTransformer
from tabm import TabM as AuthorsTabM

from mmfeat.record_encoders import get_record_encoder
from mmfeat.record_encoders.blueprint import Blueprint
from mmfeat.record_encoders.cells import Cells
from mmfeat.record_encoders.ft_transformer import FTTransformer
from mmfeat.record_encoders.number_embeddings import piecewise_embeddings
from mmfeat.record_encoders.tabm import TabM

from .small_records import NETWORKS, inputs_of, small_records

ROWS = np.arange(60)


@pytest.fixture(scope="module")
def blueprint():
    return Blueprint.of(inputs_of(small_records(), ROWS), ROWS, n_outputs=2)


@pytest.fixture(scope="module")
def cells():
    return Cells.of(inputs_of(small_records(), ROWS))


def _without_gaps(cells):
    return Cells(cells.numbers.nan_to_num(0.5), cells.categories)


def _n_parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_ft_transformer_computes_what_the_authors_class_computes(blueprint, cells):
    torch.manual_seed(0)
    ours = FTTransformer(blueprint).eval()
    authors = AuthorsFTTransformer(
        n_cont_features=3,
        cat_cardinalities=list(blueprint.cardinalities),
        d_out=2,
        **AuthorsFTTransformer.get_default_kwargs(n_blocks=3),
    ).eval()
    assert ours.width == 192
    assert _n_parameters(ours) == _n_parameters(authors) + ours.unknown.numel()
    head = zip(("normalization", "linear"), (ours.head[0], ours.head[2]), strict=True)
    state = ours.transformer.state_dict() | {
        f"backbone.output.{name}.{key}": values
        for name, layer in head
        for key, values in layer.state_dict().items()
    }
    authors.load_state_dict(state)
    whole = _without_gaps(cells)
    with torch.inference_mode():
        expected = authors(whole.numbers, whole.categories)
        torch.testing.assert_close(ours.member_logits(whole)[0], expected)


def test_tabm_computes_what_the_authors_class_computes_of_flags_beside_the_numbers(
    blueprint, cells
):
    torch.manual_seed(0)
    ours = TabM(blueprint).eval()
    authors = AuthorsTabM.make(
        n_num_features=3,
        cat_cardinalities=[*blueprint.cardinalities, 2, 2, 2],
        d_out=2,
        num_embeddings=piecewise_embeddings(blueprint, "tabm"),
    ).eval()
    assert _n_parameters(ours) == _n_parameters(authors)
    state = ours.backbone.state_dict()
    state |= {f"output.{name}": values for name, values in ours.head.state_dict().items()}
    authors.load_state_dict(state)
    flags = cells.numbers.isnan().long()
    with torch.inference_mode():
        expected = authors(
            cells.numbers.nan_to_num(0.0), torch.cat([cells.categories, flags], dim=1)
        )
        torch.testing.assert_close(ours.member_logits(cells).transpose(0, 1), expected)


@pytest.mark.parametrize("name", NETWORKS)
def test_an_unknown_number_is_not_the_same_as_a_mean_one(name, blueprint, cells):
    torch.manual_seed(0)
    network = get_record_encoder(name).build(blueprint).eval()
    if name in ("plr", "ple"):  # their learned vector starts at zero, as good as any
        torch.nn.init.ones_(network.unknown)
    gappy = Cells(torch.full_like(cells.numbers, torch.nan), cells.categories)
    mean = Cells(torch.zeros_like(cells.numbers), cells.categories)
    with torch.inference_mode():
        assert bool((network.embed(gappy) != network.embed(mean)).any(dim=1).all())


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("lacking", ["numbers", "categories"])
def test_records_of_one_kind_of_cells_are_enough(name, lacking, blueprint, cells):
    numbers, categories = cells.numbers, cells.categories
    if lacking == "numbers":
        numbers = numbers[:, :0]
        blueprint = blueprint.model_copy(
            update={"n_numbers": 0, "column_of_number": (), "bin_edges": ()}
        )
    else:
        categories = categories[:, :0]
        blueprint = blueprint.model_copy(update={"cardinalities": (), "column_of_category": ()})
    network = get_record_encoder(name).build(blueprint).eval()
    part = Cells(numbers, categories)
    where = torch.ones(60, blueprint.n_columns, dtype=torch.bool)
    with torch.inference_mode():
        assert network.embed(part.hidden(where, blueprint)).shape == (60, network.width)
