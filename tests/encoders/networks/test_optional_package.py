"""What is missing is said in one line, with what installs it."""

import sys

import pytest

from mmfeat import encoders
from mmfeat.encoders.networks.optional_package import import_optional
from mmfeat.errors import EncoderError

PACKAGES = {
    "spectre": ("spectre", "spectre"),
    "spectre-crops": ("spectre", "spectre"),
    "colipri": ("dynamic_network_architectures", "colipri"),
}


def test_an_installed_module_is_returned():
    assert import_optional("json.decoder", extra="any") is sys.modules["json.decoder"]


@pytest.mark.parametrize("name", PACKAGES)
def test_an_encoder_without_its_package_names_the_extra_when_it_is_loaded(
    name, tmp_path, monkeypatch
):
    package, extra = PACKAGES[name]
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"")
    encoder = encoders.create(name, weights=weights, device="cpu")
    message = rf'needs the package `{package}` \(.*\); pip install "mmfeat\[{extra}\]"$'
    with pytest.raises(EncoderError, match=message) as raised:
        encoder.load()
    assert "\n" not in str(raised.value)


def test_a_package_that_does_not_fit_torch_is_told_apart_from_a_missing_one(tmp_path, monkeypatch):
    (tmp_path / "broken_for_torch.py").write_text("raise RuntimeError('operator nms\\nis not')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderError, match=r"`broken_for_torch` cannot be imported \(operator nms"):
        import_optional("broken_for_torch", extra="any")
