import numpy as np
import torch

from mmfeat.fusion.stacked.counters import combined, mixed, position_words


def test_it_is_splitmix64():
    # The first numbers of the generator with seed 1234567, as published with its reference code.
    seed, golden = 1234567, 0x9E3779B97F4A7C15
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    states = [(seed + step * golden) % 2**64 for step in range(3)]
    signed = torch.tensor([state - 2**64 if state >= 2**63 else state for state in states])
    assert [word % 2**64 for word in mixed(signed).tolist()] == expected
    counters = combined(torch.tensor([seed]), torch.arange(3)).tolist()
    assert [word % 2**64 for word in counters] == expected
    assert combined(torch.tensor([seed]), 2).item() % 2**64 == expected[2]


def test_position_words_are_32_even_bits_and_do_not_depend_on_how_many_are_asked_for():
    words = position_words(50_000, "cpu")
    assert words.min() >= 0
    assert words.max() < 2**32
    shares = [((words >> bit) & 1).double().mean().item() for bit in range(32)]
    np.testing.assert_allclose(shares, 0.5, atol=5 * 0.5 / 50_000**0.5)
    torch.testing.assert_close(position_words(100, "cpu"), words[:100])
