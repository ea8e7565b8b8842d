"""The contract of every entry of the table of encoders."""

import dataclasses
import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from mmfeat.encoders import ENCODERS, encoder_class, identity
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.options import Option, WeightsSource
from mmfeat.errors import EncoderError
from mmfeat.preprocessing.orientation import reorient
from mmfeat.provenance import canonical_json, fingerprint

from .published_weights import SMALL_OPTIONS

ORIENTATIONS = [
    "".join(axes)
    for pairs in itertools.permutations(("LR", "AP", "IS"))
    for axes in itertools.product(*pairs)
]
OPTIONS = [(name, option) for name in ENCODERS for option in encoder_class(name).options]
SIBLINGS = [
    name
    for name in ENCODERS
    if name.startswith(("astra", "suprem-", "swinunetr-", "voco-", "medicalnet-"))
    if name != "medicalnet-10"
]
"""They run the code of others that are here; test_recipe_encoder.py and test_recipe_chains.py have
what is their own."""
WITH_NETWORK = [name for name in ENCODERS if encoder_class(name).weights_source is not None]
WITH_FILE = [
    name
    for name in WITH_NETWORK
    if encoder_class(name).weights_source.file_needed
    if name not in SIBLINGS
]


@pytest.fixture(params=[name for name in ENCODERS if name not in SIBLINGS], scope="module")
def encoder(request, make_encoder):
    return make_encoder(request.param)


def _another_value(option: Option, current):
    """Return a value that an option takes and that is not the current one."""
    if option.choices:
        return next(value for value in option.choices if value != current)
    if isinstance(option.default, bool):
        return not option.default
    if isinstance(option.default, str):
        return "2-1-1-1"  # the only free text there is: blocks of a network's levels
    return option.default + 1


def test_it_is_an_encoder_named_as_in_the_table(encoder):
    assert isinstance(encoder, Encoder)
    assert type(encoder) is encoder_class(encoder.name) or (
        encoder_class(encoder.name).model.name == encoder.name  # its recipe is data
    )


@pytest.mark.parametrize("name", ENCODERS)
def test_its_class_says_what_it_is_needs_and_takes(name):
    kind = encoder_class(name)
    assert 10 < len(kind.summary) < 100
    assert kind.embedding_size > 0
    assert kind.weights_source is None or isinstance(kind.weights_source, WeightsSource)
    for option in kind.options.values():
        assert option.meaning
        assert not option.choices or option.default in option.choices


def test_the_recipe_is_plain_json_with_a_code_version_and_that_of_its_options(
    encoder, make_encoder
):
    again = make_encoder(encoder.name, loaded=False)
    assert json.loads(canonical_json(encoder.recipe)) == encoder.recipe
    assert canonical_json(again.recipe) == canonical_json(encoder.recipe)
    assert encoder.recipe["code_version"] >= 1
    assert encoder.recipe["prepare"]
    assert encoder.recipe["pool"]


@pytest.mark.parametrize("name", ENCODERS)
def test_the_recipe_can_be_known_without_weights(name, make_encoder):
    kind = encoder_class(name)
    defaults = {key: option.default for key, option in kind.options.items()}
    small = make_encoder(name, loaded=False).recipe
    assert kind.recipe_of(**defaults).keys() == small.keys()


def test_the_vector_is_finite_float32_of_the_stated_size_and_depends_on_the_scan(
    encoder, make_scan, embed
):
    one, other = (embed(encoder, make_scan(seed=seed)) for seed in (0, 5))
    assert one.shape == (encoder.embedding_size,)
    assert one.dtype == np.float32
    assert np.isfinite(one).all()
    assert np.std(one) > 0
    assert not np.allclose(one, other)


def test_windows_are_float32_as_they_lie_in_memory_and_each_has_one_feature(encoder, scan):
    windows = encoder.prepare(scan)
    assert windows.dtype == np.float32
    assert windows.flags.c_contiguous
    assert encoder.encode(windows).shape[0] == len(windows)


def test_preparing_changes_neither_the_scan_nor_the_encoder(encoder, scan):
    scan.hu.flags.writeable = scan.affine.flags.writeable = False
    recipe, state = canonical_json(encoder.recipe), dict(vars(encoder))
    windows = encoder.prepare(scan)
    windows[:] = 7
    assert not np.shares_memory(windows, scan.hu)
    assert canonical_json(encoder.recipe) == recipe
    assert vars(encoder) == state


def test_preparing_on_many_threads_at_once_gives_the_same_windows(encoder, make_scan):
    scans = [make_scan(seed=seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(encoder.prepare, scans))
    for scan, windows in zip(scans, together, strict=True):
        np.testing.assert_array_equal(windows, encoder.prepare(scan))


def test_a_window_has_the_same_feature_alone_and_in_a_batch(encoder, make_scan):
    scans = (make_scan(seed=seed) for seed in (1, 2))
    batch = np.concatenate([encoder.prepare(scan)[:3] for scan in scans])
    assert len(batch) > 1
    together = encoder.encode(batch)
    alone = np.concatenate([encoder.encode(window[None]) for window in batch])
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-5)
    assert not np.allclose(alone[0], alone[-1], rtol=1e-5, atol=1e-5)


def test_in_batches_of_one_size_a_window_has_the_same_bits_whatever_else_is_in_its_batch(
    encoder, make_scan
):
    if encoder.windows_alone:
        pytest.skip("its windows share no batch")
    windows = np.concatenate([encoder.prepare(make_scan(seed=seed))[:3] for seed in (1, 2)])
    together = encoder.encode(windows)
    order = np.random.default_rng(0).permutation(len(windows))
    np.testing.assert_array_equal(encoder.encode(windows[order]), together[order])
    filled_up = np.zeros_like(windows)
    filled_up[0] = windows[-1]
    np.testing.assert_array_equal(encoder.encode(filled_up)[0], together[-1])


def test_two_instances_give_the_same_bits_and_leave_the_random_state_alone(
    encoder, make_encoder, scan, embed
):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    again = make_encoder(encoder.name)
    np.testing.assert_array_equal(embed(again, scan), embed(encoder, scan))
    torch.testing.assert_close(torch.rand(3), expected)


def test_whole_numbers_give_the_same_vector_as_int16_and_as_float32(encoder, scan, embed):
    scan.hu[4:6, 20, 20:24] = [[-8192], [30_000]]  # their difference is no int16
    as_int16 = dataclasses.replace(scan, hu=scan.hu.astype(np.int16))
    np.testing.assert_allclose(embed(encoder, as_int16), embed(encoder, scan), rtol=1e-5, atol=1e-5)


def test_the_order_of_the_axes_in_the_file_changes_nothing(encoder, scan):
    expected = encoder.prepare(scan)
    assert len(ORIENTATIONS) == 48
    for axes in ORIENTATIONS:
        turned = reorient(scan, axes)
        stored = dataclasses.replace(turned, hu=np.ascontiguousarray(turned.hu))
        np.testing.assert_allclose(encoder.prepare(stored), expected, atol=2e-5, err_msg=axes)


@pytest.mark.parametrize("name", WITH_NETWORK)
def test_encoding_before_loading_is_a_mistake_of_the_programmer(name, make_encoder, scan):
    encoder = make_encoder(name, loaded=False)
    with pytest.raises(RuntimeError, match=r"load\(\) comes before encode\(\)"):
        encoder.encode(encoder.prepare(scan))


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_changes_the_fingerprint(name, option, make_encoder):
    declared = encoder_class(name).options[option]
    value = _another_value(declared, SMALL_OPTIONS.get(name, {}).get(option, declared.default))
    changed = make_encoder(name, loaded=False, **{option: value})
    prints = {fingerprint(identity(one)) for one in (changed, make_encoder(name, loaded=False))}
    assert len(prints) == 2


@pytest.mark.parametrize("name", WITH_FILE)
def test_other_weights_change_the_fingerprint_and_the_vector(name, make_encoder, scan, embed):
    one, other = (make_encoder(name, weights_seed=seed) for seed in (0, 1))
    assert one.recipe == other.recipe
    assert fingerprint(identity(one)) != fingerprint(identity(other))
    assert not np.allclose(embed(one, scan), embed(other, scan))


def test_the_identity_is_the_same_for_the_same_encoder(encoder, make_encoder):
    again = identity(make_encoder(encoder.name, loaded=False))
    assert fingerprint(again) == fingerprint(identity(encoder))
    assert again.keys() == {"encoder", "recipe", "weights_sha256", "embedding_size"}
    needs_weights = encoder_class(encoder.name).weights_source is not None
    assert (again["weights_sha256"] is not None) == needs_weights


@pytest.mark.parametrize("name", WITH_NETWORK)
def test_a_device_that_is_not_there_is_one_clear_line(name, make_encoder):
    encoder = make_encoder(name, device="gpu", loaded=False)
    with pytest.raises(EncoderError, match=r"^device `gpu` cannot be used here .*; try `auto` or"):
        encoder.load()
