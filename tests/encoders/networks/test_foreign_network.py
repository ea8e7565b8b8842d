"""Networks of somebody else's: how they are fed, and what of their output is taken."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mmfeat.encoders.networks.foreign_input import NetworkInput, NetworkOutput
from mmfeat.encoders.networks.foreign_network import ForeignNetwork
from mmfeat.errors import EncoderError

WINDOWS = torch.arange(2 * 3 * 2 * 4 * 5, dtype=torch.float32).reshape(2, 3, 2, 4, 5)


class Given(nn.Module):
    """Keep what it is given, and give back what it is told to."""

    def __init__(self, output=None):
        super().__init__()
        self.output = output
        self.calls = []

    def forward(self, *arguments, **named):
        self.calls.append((arguments, named))
        value = next(iter((*arguments, *named.values())))
        value = next(iter(value.values())) if isinstance(value, dict) else value
        return self.output if self.output is not None else value.flatten(1)[:, :6].float()

    def features(self, value):
        return 2 * value.flatten(1)[:, :6]


def _run(program, windows=WINDOWS, *, used=None, **given):
    given = NetworkInput(**{"layout": "BCDHW", **given})
    used = used or NetworkOutput((), "vector", 6)
    return ForeignNetwork(program, "net.pt2", given=given, used=used)(windows)


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("BCDHW", WINDOWS),
        ("BDCHW", WINDOWS.transpose(1, 2)),
        ("BDHWC", WINDOWS.movedim(1, -1)),
        ("BDHW", WINDOWS[:, 0]),
    ],
)
def test_windows_are_handed_over_with_their_axes_in_the_order_of_the_layout(layout, expected):
    program = Given()
    _run(program, layout=layout)
    (((given,), _),) = program.calls
    torch.testing.assert_close(given, expected.contiguous())
    assert given.is_contiguous()


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("BCHW", WINDOWS[:, :, 0]),
        ("BHWC", WINDOWS[:, :, 0].movedim(1, -1)),
        ("BHW", WINDOWS[:, 0, 0]),
    ],
)
def test_so_are_slices(layout, expected):
    program = Given()
    _run(program, WINDOWS[:, :, 0], layout=layout)
    torch.testing.assert_close(program.calls[0][0][0], expected.contiguous())


def test_a_named_argument_a_dictionary_and_another_type_are_kept_to():
    program = Given()
    _run(program, argument="pixel_values", dictionary_key="chest_ct", dtype="bfloat16")
    ((arguments, named),) = program.calls
    assert not arguments
    assert named["pixel_values"]["chest_ct"].dtype == torch.bfloat16


def test_a_method_is_called_instead_of_the_network():
    torch.testing.assert_close(_run(Given(), method="features"), 2 * _run(Given()))
    with pytest.raises(EncoderError, match=r"^net.pt2: has no method `featrues`; correct `input"):
        _run(Given(), method="featrues")


@pytest.mark.parametrize(("n_windows", "batches"), [(1, 1), (2, 1), (3, 2), (4, 2)])
def test_a_fixed_batch_is_filled_up_and_split(n_windows, batches):
    program = Given()
    windows = torch.cat([WINDOWS, WINDOWS])[:n_windows]
    features = _run(program, windows, batch=2)
    assert [len(arguments[0]) for arguments, _ in program.calls] == [2] * batches
    torch.testing.assert_close(features, windows.flatten(1)[:, :6])


TOKENS = torch.arange(2 * 5 * 6, dtype=torch.float32).reshape(2, 5, 6)


@pytest.mark.parametrize(
    ("output", "take", "expected"),
    [
        (TOKENS[:, 0], (), TOKENS[:, 0]),
        ((TOKENS, TOKENS[:, 1]), (1,), TOKENS[:, 1]),
        ([TOKENS, TOKENS[:, 1]], (-1,), TOKENS[:, 1]),
        ({"a": {"b": TOKENS[:, 2]}}, ("a", "b"), TOKENS[:, 2]),
        (SimpleNamespace(pooler_output=TOKENS[:, 3]), ("pooler_output",), TOKENS[:, 3]),
        (TOKENS[None, :, 0], (0,), TOKENS[:, 0]),  # Merlin's stray axis
    ],
)
def test_the_tensor_is_found_by_keys_attributes_and_numbers(output, take, expected):
    found = _run(Given(output), used=NetworkOutput(take, "vector", 6))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("shape", "reduce", "skip", "expected"),
    [
        ("tokens", "mean", 0, TOKENS.mean(1)),
        ("tokens", "mean", 2, TOKENS[:, 2:].mean(1)),
        ("tokens", "max", 1, TOKENS[:, 1:].amax(1)),
        ("tokens", "first", 0, TOKENS[:, 0]),
    ],
)
def test_tokens_become_one_vector(shape, reduce, skip, expected):
    used = NetworkOutput((), shape, 6, reduce, skip)
    torch.testing.assert_close(_run(Given(TOKENS), used=used), expected)


def test_tokens_may_lie_in_space_and_maps_have_their_values_second():
    in_space = torch.rand(2, 3, 4, 5, 6)
    used = NetworkOutput((), "tokens", 6, "mean")
    expected = in_space.mean((1, 2, 3))
    torch.testing.assert_close(_run(Given(in_space), used=used), expected)
    as_map = in_space.movedim(-1, 1)
    used = NetworkOutput((), "map", 6, "mean")
    torch.testing.assert_close(_run(Given(as_map), used=used), expected)


@pytest.mark.parametrize(
    ("output", "used", "message"),
    [
        (
            TOKENS[:, 0],
            NetworkOutput((), "vector", 7),
            r"^net.pt2: its output is \(2 x 6\) for 2 windows, and its recipe file says a vector "
            r"of size 7; correct `output`$",
        ),
        (TOKENS, NetworkOutput((), "vector", 6), r"its output is \(2 x 5 x 6\) for 2 windows"),
        (TOKENS[:1, 0], NetworkOutput((), "vector", 6), r"its output is \(1 x 6\) for 2 windows"),
        (TOKENS[:, 0], NetworkOutput((), "tokens", 6, "mean"), "says a tokens of size 6"),
        (TOKENS, NetworkOutput((), "map", 6, "mean"), "says a map of size 6"),
        (TOKENS, NetworkOutput((), "tokens", 6, "mean", 5), "gives no token after the first 5"),
        ((TOKENS,), NetworkOutput((), "vector", 6), "its output is a tuple of 1, not a tensor"),
        ({"a": 1}, NetworkOutput(("b",), "vector", 6), "`b` of `output.take` is not in its output"),
        ((TOKENS,), NetworkOutput((3,), "vector", 6), "`3` of `output.take` is not in its output"),
        (TOKENS.long()[:, 0], NetworkOutput((), "vector", 6), "its output is of torch.int64"),
    ],
)
def test_an_output_that_is_not_as_the_recipe_says_is_one_clear_line(output, used, message):
    with pytest.raises(EncoderError, match=message) as error:
        _run(Given(output), used=used)
    assert "\n" not in str(error.value)


def test_whatever_the_network_raises_is_one_clear_line():
    message = (
        r"^net.pt2: fails on windows of 2 x 3 x 2 x 4 x 5, float32 \(RuntimeError: .*\); correct "
        r"`prepare` or `input` of its recipe file$"
    )
    with pytest.raises(EncoderError, match=message):
        _run(nn.Conv3d(7, 1, 1))


def test_too_little_memory_is_left_to_who_halves_batches():
    class Large(nn.Module):
        def forward(self, windows):
            raise torch.OutOfMemoryError("can't allocate memory")

    with pytest.raises(torch.OutOfMemoryError):
        _run(Large())


def test_the_mode_in_which_it_was_loaded_is_kept():
    network = ForeignNetwork(
        nn.Dropout().train(),
        "x",
        given=NetworkInput("BCDHW"),
        used=NetworkOutput((), "vector", 6),
    )
    assert network.eval() is network
    assert network.program.training
