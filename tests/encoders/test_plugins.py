"""Encoders of other packages, as they are found on the path."""

import sys

import numpy as np
import pytest

from mmfeat import encoders
from mmfeat.encoders.plugins import installed_encoders
from mmfeat.errors import EncoderError
from mmfeat.provenance import fingerprint
from mmfeat.volumes import Volume

MODULE = """\
import numpy as np
from mmfeat.encoders import Option


class Mean:
    name = "mean-hu"
    summary = "the mean density, for tests"
    embedding_size = token_size = 1
    weights_source = None
    options = {"scale": Option(1.0, "multiplies it")}
    usual_batch = 4
    windows_alone = False
    weights_sha256 = None

    def __init__(self, *, device="auto", prepare_on="auto", scale=1.0):
        self.recipe = self.recipe_of(scale=scale)
        self._scale = scale

    @staticmethod
    def recipe_of(*, scale):
        return {"code_version": 1, "prepare": [{"mean": "of all"}], "scale": scale, "pool": "none"}

    def load(self):
        pass

    def prepare(self, volume):
        return np.full((1, 1), volume.hu.mean(), np.float32)

    def encode(self, batch, usage=None):
        return batch * np.float32(self._scale)

    def pool(self, features):
        return features[0]
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that puts a package with one encoder on the path, as pip lays it out."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(
        text=MODULE, *, package="mean-encoder", entry="mean-hu = {module}:Mean", version="1.2"
    ):
        module = package.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(text)
        folder = tmp_path / f"{module}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Name: {package}\nVersion: {version}\n")
        entry = entry.format(module=module)
        (folder / "entry_points.txt").write_text(f"[mmfeat.encoders]\n{entry}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)
        encoders.plugins.found_on.cache_clear()
        return module

    yield install
    encoders.plugins.found_on.cache_clear()


def test_an_encoder_of_a_package_is_listed_without_being_imported(install):
    module = install("raise RuntimeError('imported')")
    (found,) = installed_encoders()
    assert (found.name, found.package, found.version) == ("mean-hu", "mean-encoder", "1.2")
    assert module not in sys.modules


def test_it_is_made_like_any_other(install):
    install()
    encoder = encoders.create("mean-hu", options={"scale": 2.0})
    volume = Volume(np.full((2, 2, 2), 40, np.int16), np.eye(4))
    assert encoder.pool(encoder.encode(encoder.prepare(volume))) == [80]
    with pytest.raises(
        EncoderError, match=r"encoder mean-hu: unknown option `scael`; did you mean"
    ):
        encoders.create("mean-hu", options={"scael": 2.0})


def test_the_version_of_its_package_is_in_the_fingerprint(install, tmp_path):
    install()
    identity = encoders.identity(encoders.create("mean-hu"))
    assert identity["package"] == {"name": "mean-encoder", "version": "1.2"}
    (tmp_path / "mean_encoder-1.2.dist-info").rename(tmp_path / "mean_encoder-1.3.dist-info")
    metadata = tmp_path / "mean_encoder-1.3.dist-info/METADATA"
    metadata.write_text("Name: mean-encoder\nVersion: 1.3\n")
    encoders.plugins.found_on.cache_clear()
    assert fingerprint(encoders.identity(encoders.create("mean-hu"))) != fingerprint(identity)


def test_it_is_among_the_names_when_one_is_misspelt(install):
    install()
    with pytest.raises(EncoderError, match=r"^unknown encoder `mean-h`; did you mean `mean-hu`\?"):
        encoders.create("mean-h")


@pytest.mark.parametrize(
    ("text", "entry", "message"),
    [
        (
            "import no_such_module",
            "mean-hu = {module}:Mean",
            r"^encoder mean-hu of package mean-encoder 1.2: cannot be imported "
            r"\(ModuleNotFoundError: No module named 'no_such_module'\); mend or uninstall the",
        ),
        (MODULE, "mean-hu = {module}:Maen", r"cannot be imported \(AttributeError: .*Maen"),
        (MODULE, "mean-hu = nowhere:Mean", r"cannot be imported \(ModuleNotFoundError: .*nowhere"),
        (
            MODULE.replace("    summary =", "    sumary ="),
            "mean-hu = {module}:Mean",
            r"of package mean-encoder 1.2: its class lacks `summary`; docs/add-an-encoder.md says",
        ),
        (
            MODULE.replace("weights_source = None", "weights_source = 'here'"),
            "mean-hu = {module}:Mean",
            "`weights_source` of its class is a str",
        ),
        (
            MODULE.replace('Option(1.0, "multiplies it")', "1.0"),
            "mean-hu = {module}:Mean",
            "`options` must hold values of `Option`",
        ),
        (
            MODULE.replace("def recipe_of", "def recipe_for"),
            "mean-hu = {module}:Mean",
            "with a method `recipe_of`",
        ),
        (
            MODULE.replace("    def pool", "    def poll").replace("= token_size = 1", "= 1"),
            "mean-hu = {module}:Mean",
            "lacks `token_size`, `pool`; docs",
        ),
        (
            MODULE.replace("self._scale = scale", "raise ValueError('two\\nlines')"),
            "mean-hu = {module}:Mean",
            r"cannot be made \(ValueError: two lines\); docs",
        ),
        (
            MODULE,
            "other-name = {module}:Mean",
            "encoder other-name of package .*: calls itself `mean-hu`",
        ),
    ],
)
def test_a_broken_package_is_one_line_that_names_it(install, text, entry, message):
    install(text, entry=entry)
    (found,) = installed_encoders()
    with pytest.raises(EncoderError, match=message) as error:
        encoders.create(found.name)
    assert "\n" not in str(error.value)


def test_a_broken_package_does_not_stand_in_the_way_of_others(install):
    install("import no_such_module")
    assert encoders.create("intensity-stats").name == "intensity-stats"


def test_a_name_that_mmfeat_has_is_refused(install):
    install(MODULE.replace("mean-hu", "ct-fm"), entry="ct-fm = {module}:Mean")
    message = (
        r"^encoder ct-fm: package mean-encoder 1.2 and mmfeat both have one of this name; unin"
    )
    with pytest.raises(EncoderError, match=message):
        encoders.encoder_class("ct-fm")
    assert encoders.create("intensity-stats").name == "intensity-stats"


def test_a_name_that_two_packages_have_is_refused(install):
    install()
    install(package="other-encoder")
    message = "package mean-encoder 1.2 and package other-encoder 1.2 both have one of this name"
    with pytest.raises(EncoderError, match=message):
        encoders.create("mean-hu")
