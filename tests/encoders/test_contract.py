"""The contract of every entry of the table of encoders."""

from pathlib import Path

import numpy as np
import pytest

from mmfeat.encoders import ENCODERS, encoder_class, identity
from mmfeat.encoders.contract import Encoder
from mmfeat.encoders.options import Option, WeightsSource
from mmfeat.encoders.testing import CHECKS, Subject
from mmfeat.errors import EncoderError
from mmfeat.provenance import fingerprint

from .published_weights import SMALL_OPTIONS, WITH_PACKAGE

MAKEABLE = [name for name in ENCODERS if name != "timm-slices"]
"""Those that can be made, if not run, without a package that is not installed here."""
OPTIONS = [(name, option) for name in MAKEABLE for option in encoder_class(name).options]
ANOTHER_VALUE = {"windows_hu": "40/400", "mean": "0.4", "std": "0.3", "pixels": 42}
"""Of options that do not take just any value of their type."""
SIBLINGS = [
    name
    for name in ENCODERS
    if name.startswith(("astra", "suprem-", "swinunetr-", "voco-", "medicalnet-"))
    if name != "medicalnet-10"
]
"""They run the code of others that are here; test_recipe_encoder.py and test_recipe_chains.py have
what is their own."""
WITH_NETWORK = [name for name in MAKEABLE if encoder_class(name).weights_source is not None]
WITH_FILE = [
    name
    for name in WITH_NETWORK
    if encoder_class(name).weights_source.file_needed
    if name not in (*SIBLINGS, *WITH_PACKAGE)
]
RUN_HERE = [name for name in ENCODERS if name not in (*SIBLINGS, *WITH_PACKAGE)]


@pytest.fixture(params=RUN_HERE, scope="module")
def encoder(request, make_encoder):
    return make_encoder(request.param)


def _another_value(name: str, option: Option, current):
    """Return a value that an option takes and that is not the current one."""
    if name in ANOTHER_VALUE:
        return ANOTHER_VALUE[name]
    if option.choices:
        return next(value for value in option.choices if value != current)
    if isinstance(option.default, bool):
        return not option.default
    return option.default + 1


@pytest.mark.parametrize("check", CHECKS)
def test_it_keeps_the_contract(encoder, check, make_encoder, make_scan):
    subject = Subject(
        encoder,
        lambda: make_encoder(encoder.name, loaded=False),
        [make_scan(seed=seed) for seed in (1, 5)],
    )
    CHECKS[check](subject)


@pytest.mark.parametrize("name", MAKEABLE)
def test_it_is_named_as_in_the_table(name, make_encoder):
    encoder = make_encoder(name, loaded=False)
    assert isinstance(encoder, Encoder)
    assert encoder.name == name


@pytest.mark.parametrize("name", ENCODERS)
def test_its_class_says_what_it_is_needs_and_takes(name):
    kind = encoder_class(name)
    assert 10 < len(kind.summary) < 100
    if getattr(kind, "takes_recipe_file", False) or name.endswith("-slices"):
        assert kind.embedding_size is None  # a file of the user's says it
    else:
        assert kind.embedding_size > 0
    assert kind.weights_source is None or isinstance(kind.weights_source, WeightsSource)
    for option in kind.options.values():
        assert option.meaning
        assert not option.choices or option.default in option.choices


@pytest.mark.parametrize("name", MAKEABLE)
def test_the_recipe_can_be_known_without_weights(name, make_encoder):
    recipe_file = Path("tap-ct") if name in ("exported", "hub-folder") else None
    kind = encoder_class(name, recipe_file)
    defaults = {key: option.default for key, option in kind.options.items()}
    small = make_encoder(name, loaded=False).recipe
    assert kind.recipe_of(**defaults).keys() == small.keys()


@pytest.mark.parametrize("name", WITH_NETWORK)
def test_encoding_before_loading_is_a_mistake_of_the_programmer(name, make_encoder, scan):
    encoder = make_encoder(name, loaded=False)
    with pytest.raises(RuntimeError, match=r"load\(\) comes before encode\(\)"):
        encoder.encode(encoder.prepare(scan))


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_changes_the_fingerprint(name, option, make_encoder):
    declared = encoder_class(name).options[option]
    value = _another_value(
        option, declared, SMALL_OPTIONS.get(name, {}).get(option, declared.default)
    )
    changed = make_encoder(name, loaded=False, **{option: value})
    prints = {fingerprint(identity(one)) for one in (changed, make_encoder(name, loaded=False))}
    assert len(prints) == 2


@pytest.mark.parametrize("name", WITH_FILE)
def test_other_weights_change_the_fingerprint_and_the_vector(name, make_encoder, scan, embed):
    one, other = (make_encoder(name, weights_seed=seed) for seed in (0, 1))
    assert one.recipe == other.recipe
    assert fingerprint(identity(one)) != fingerprint(identity(other))
    assert not np.allclose(embed(one, scan), embed(other, scan))


def test_the_identity_holds_a_digest_of_weights_where_there_are_some(encoder, make_encoder):
    again = identity(make_encoder(encoder.name, loaded=False))
    assert again.keys() == {"encoder", "recipe", "weights_sha256", "embedding_size"}
    needs_weights = encoder_class(encoder.name).weights_source is not None
    assert (again["weights_sha256"] is not None) == needs_weights


@pytest.mark.parametrize("name", WITH_NETWORK)
def test_a_device_that_is_not_there_is_one_clear_line(name, make_encoder):
    encoder = make_encoder(name, device="gpu", loaded=False)
    with pytest.raises(EncoderError, match=r"^device `gpu` cannot be used here .*; try `auto` or"):
        encoder.load()
