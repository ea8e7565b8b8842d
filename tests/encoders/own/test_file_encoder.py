"""Encoders of the user's own: what is refused without trust, and what is tried on loading."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mmfeat import encoders
from mmfeat.encoders.made_up_scan import made_up_scan
from mmfeat.errors import ConfigError, EncoderError
from mmfeat.provenance import fingerprint

from ..own_networks import RECIPE, Small, export, small, write_folder, write_own
from .test_exported_program import malicious_export, script

OWN = ("exported", "hub-folder")


@pytest.fixture
def recipe(tmp_path):
    """A function that writes the small recipe with some text replaced."""

    def write(*changes):
        text = RECIPE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "recipe.yaml").write_text(text)
        return tmp_path / "recipe.yaml"

    return write


def _make(weights, recipe_file, *, name="exported", trust_code=True, **options):
    return encoders.create(
        name,
        weights=weights,
        recipe_file=recipe_file,
        device="cpu",
        trust_code=trust_code,
        options=options,
    )


@pytest.mark.parametrize("name", OWN)
def test_without_trust_it_is_made_but_not_loaded(tmp_path, name):
    encoder = _make(*write_own(name, tmp_path), name=name, trust_code=False)
    assert encoder.prepare(made_up_scan()).shape[1:] == (1, 8, 16, 16)
    assert len(encoder.weights_sha256) == 64
    message = rf"^encoder {name}: .* brings code, .* add --trust-code to the command, such as `mm"
    with pytest.raises(EncoderError, match=message):
        encoder.load()


def test_a_folder_without_code_needs_no_trust(tmp_path, recipe):
    """A model of a class of transformers' own is built from settings and tensors alone."""
    transformers = pytest.importorskip("transformers")
    config = transformers.Dinov2Config(
        hidden_size=12, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14
    )
    transformers.Dinov2Model(config).save_pretrained(tmp_path / "stock")
    file = recipe(
        ("windows: {voxels: [8, 16, 16]}", "fit: {voxels: [null, 28, 28], pad: 0}\n  - slices: {}"),
        ("intensity: {clip: [-1000, 1000], to: [0, 1]}", "channels: [{}, {}, {}]"),
        ("{shape: vector, size: 6}", "{take: pooler_output, shape: vector, size: 12}"),
    )
    encoder = _make(tmp_path / "stock", file, name="hub-folder", trust_code=False)
    encoder.load()
    features = encoder.encode(encoder.prepare(made_up_scan()))
    assert features.shape[1:] == (12,)


def test_nothing_of_a_malicious_file_runs_until_it_is_trusted(tmp_path, recipe):
    touched = tmp_path / "touched"
    encoder = _make(malicious_export(tmp_path / "bad.pt2", touched), recipe(), trust_code=False)
    encoders.identity(encoder)
    encoder.prepare(made_up_scan())
    with pytest.raises(EncoderError, match="--trust-code"):
        encoder.load()
    assert not touched.exists()
    with pytest.raises(EncoderError, match="cannot be opened"):
        _make(tmp_path / "bad.pt2", recipe()).load()
    assert touched.exists()


def test_nothing_of_a_malicious_folder_runs_until_it_is_trusted(tmp_path, recipe):
    touched = tmp_path / "touched"
    folder = write_folder(tmp_path / "bad", on_import=f"Path({str(touched)!r}).touch()")
    file = recipe(("shape: vector", "take: pooler_output, shape: vector"))
    encoder = _make(folder, file, name="hub-folder", trust_code=False)
    encoders.identity(encoder)
    with pytest.raises(EncoderError, match="--trust-code"):
        encoder.load()
    assert not touched.exists()
    _make(folder, file, name="hub-folder").load()
    assert touched.exists()


@pytest.mark.parametrize("save", [export, script])
def test_its_features_are_those_of_the_network(tmp_path, recipe, save):
    encoder = _make(save(small(), tmp_path / "net.pt2"), recipe())
    encoder.load()
    windows = encoder.prepare(made_up_scan())
    with torch.inference_mode():
        expected = small()(torch.from_numpy(windows)).numpy()
    np.testing.assert_array_equal(encoder.encode(windows), expected)
    np.testing.assert_allclose(encoder.pool(expected), expected.mean(axis=0), rtol=1e-6)


def test_a_folder_may_be_called_by_a_method_with_a_dictionary(tmp_path, recipe):
    """As Pillar-0 is."""
    pytest.importorskip("transformers")
    file = recipe(
        ("batch: any", "batch: 1, method: extract_vision_feats, dictionary_key: chest_ct")
    )
    by_method = _make(write_folder(tmp_path / "tiny"), file, name="hub-folder")
    file = recipe(("shape: vector", "take: [last_hidden_state], reduce: first, shape: tokens"))
    by_output = _make(tmp_path / "tiny", file, name="hub-folder")
    windows = by_output.prepare(made_up_scan())
    for encoder in (by_method, by_output):
        encoder.load()
    np.testing.assert_allclose(by_method.encode(windows), by_output.encode(windows), rtol=1e-5)


def test_a_program_of_a_fixed_batch_takes_any_number_of_windows(tmp_path, recipe):
    file = export(small(), tmp_path / "three.pt2", batch=3)
    encoder = _make(file, recipe(("batch: any", "batch: 3")))
    encoder.load()
    assert encoder.usual_batch == 3
    windows = encoder.prepare(made_up_scan())[:5]
    with torch.inference_mode():
        expected = small()(torch.from_numpy(windows)).numpy()
    np.testing.assert_allclose(encoder.encode(windows), expected, rtol=1e-5)


def test_scans_of_any_shape_go_alone_and_are_not_tried_before(tmp_path, recipe):
    dynamic = torch.export.Dim.DYNAMIC
    example = torch.zeros(1, 1, 16, 24, 32)
    program = torch.export.export(
        small(), (example,), dynamic_shapes=({2: dynamic, 3: dynamic, 4: dynamic},)
    )
    torch.export.save(program, tmp_path / "any.pt2")
    whole = ("windows: {voxels: [8, 16, 16]}", "multiples: {of: 4, by: crop}")
    encoder = _make(tmp_path / "any.pt2", recipe(whole, ("batch: any", "batch: 1")))
    assert encoder.windows_alone
    encoder.load()
    for shape in ((31, 58, 70), (40, 60, 60)):
        windows = encoder.prepare(made_up_scan(shape))
        assert windows.shape[0] == 1
        with torch.inference_mode():
            expected = small()(torch.from_numpy(windows)).numpy()
        np.testing.assert_allclose(encoder.encode(windows), expected, rtol=1e-5)


def _training_mode(tmp_path):
    class Dropped(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = Small()

        def forward(self, windows):
            return nn.functional.dropout(self.network(windows), 0.5, training=True)

    return export(Dropped(), tmp_path / "dropout.pt2")


def _not_finite(tmp_path):
    network = small()
    network.conv.bias.data[:] = torch.nan
    return export(network, tmp_path / "nan.pt2")


@pytest.mark.parametrize(
    ("write", "changes", "message"),
    [
        (lambda to: export(small(), to / "a.pt2", batch=3), (), "fails on windows of 2 x 1 x 8"),
        (
            lambda to: export(small(), to / "b.pt2", size=(1, 8, 16, 17)),
            (),
            "correct `prepare` or `input` of its recipe file",
        ),
        (
            lambda to: export(small().double(), to / "c.pt2"),
            (),
            r"fails on windows of 2 x 1 x 8 x 16 x 16, float32",
        ),
        (
            lambda to: export(small(), to / "d.pt2"),
            (("size: 6", "size: 12"),),
            r"its output is \(2 x 6\) for 2 windows, and its recipe file says a vector of size 12",
        ),
        (_not_finite, (), "are not finite; check the export"),
        (_training_mode, (), "gives another feature each time, or one that hangs on the other"),
    ],
)
def test_what_does_not_do_as_the_recipe_says_is_refused_on_loading(
    tmp_path, recipe, write, changes, message
):
    encoder = _make(write(tmp_path), recipe(*changes))
    with pytest.raises(EncoderError, match=message) as error:
        encoder.load()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", OWN)
def test_other_weights_and_numbers_of_the_recipe_change_the_fingerprint(tmp_path, name):
    weights, file = write_own(name, tmp_path)
    other_weights, _ = write_own(name, tmp_path, seed=1)

    def print_of(weights, text=None):
        file.write_text(text or original)
        return fingerprint(encoders.identity(_make(weights, file, name=name)))

    original = file.read_text()
    first = print_of(weights)
    assert print_of(weights, f"# a comment\n{original.replace('MIT', 'none')}") == first
    assert print_of(other_weights) != first
    assert print_of(weights, original.replace("mm: 4", "mm: 5")) != first


def test_code_of_the_folder_is_in_the_fingerprint(tmp_path):
    weights, file = write_own("hub-folder", tmp_path)
    before = encoders.identity(_make(weights, file, name="hub-folder"))
    with (weights / "tiny_layers.py").open("a") as code:
        code.write("\n# changed\n")
    assert encoders.identity(_make(weights, file, name="hub-folder")) != before


def test_what_is_known_without_weights_is_that_of_the_recipe_file():
    kind = encoders.encoder_class("hub-folder", Path("tap-ct"))
    assert kind.embedding_size == 768
    assert kind.weights_source.where.startswith("the folder of huggingface.co/fomofo/tap-ct-b-3d")
    assert kind.weights_source.is_folder
    assert kind.facts.verified == "description"
    unbound = encoders.encoder_class("hub-folder")
    assert unbound.embedding_size is None
    assert unbound.facts.body == "as its recipe file says"


@pytest.mark.parametrize("name", OWN)
def test_without_a_recipe_file_the_shipped_ones_are_named(tmp_path, name):
    weights, _ = write_own(name, tmp_path)
    with pytest.raises(EncoderError, match=r"needs `recipe_file`, a YAML file or one of pillar-0"):
        encoders.create(name, weights=weights)


def test_what_does_not_fit_the_encoder_is_one_clear_line(tmp_path, recipe):
    with pytest.raises(EncoderError, match=r"takes no recipe file; leave out `recipe_file`$"):
        encoders.create("intensity-stats", recipe_file=recipe())
    with pytest.raises(EncoderError, match=r"^encoder exported: needs its weights, a file that"):
        encoders.create("exported", recipe_file=recipe())
    with pytest.raises(ConfigError, match=r"no such recipe file"):
        _make(export(small(), tmp_path / "net.pt2"), tmp_path / "lost.yaml")
    with pytest.raises(EncoderError, match=r"hub-folder: weights .*net.pt2: a file, and it has to"):
        _make(tmp_path / "net.pt2", recipe(), name="hub-folder")
    with pytest.raises(
        EncoderError, match=r"hub-folder: weights .*lost: no such folder; it is the"
    ):
        _make(tmp_path / "lost", Path("tap-ct"), name="hub-folder")
    with pytest.raises(EncoderError, match=r"exported: weights .*lost: no such file"):
        _make(tmp_path / "lost", recipe())


def test_trust_changes_nothing_for_other_encoders():
    one, other = (
        encoders.create("intensity-stats", trust_code=trusted) for trusted in (False, True)
    )
    assert encoders.identity(one) == encoders.identity(other)
