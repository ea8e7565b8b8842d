"""The files of docs/bring-your-own.md are run as they stand, and give what `ct-fm` gives."""

import json
import runpy

import numpy as np
import pytest
import torch
import yaml
from monai.networks.nets.segresnet_ds import SegResEncoder
from safetensors.torch import save_file

from mmfeat.cache import CacheFolder
from mmfeat.config.recipe_steps import RecipeStep

from .documented_files import PROJECT, documented_files, write_documented
from .in_process import run_mmfeat
from .tiny_cohort import write_cohort

DOCUMENT = "bring-your-own.md"
WIDTH = 2
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The documented files, with a network of small width: exported, and described as such."""
    folder = write_documented(DOCUMENT, tmp_path_factory.mktemp("own"))
    torch.manual_seed(0)
    network = SegResEncoder(
        spatial_dims=3, in_channels=1, init_filters=WIDTH, blocks_down=(1, 2, 2, 4, 4)
    )
    save_file(network.state_dict(), folder / "weights.safetensors")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("sys.argv", ["export", "weights.safetensors", str(WIDTH), "ct-fm.pt2"])
        runpy.run_path("export_network.py", run_name="__main__")
    recipe = (folder / "ct-fm.yaml").read_text()
    (folder / "ct-fm.yaml").write_text(recipe.replace("size: 512", f"size: {16 * WIDTH}"))
    write_cohort(folder)
    return folder


def _features(folder):
    (cache,) = (folder / "cache/ct").iterdir()
    recipe = json.loads((cache / "recipe.json").read_text())
    stored = CacheFolder(cache, recipe)
    index = sorted(stored.index().items())
    features, found = stored.read([(case_id, rows[0].source_sha256) for case_id, rows in index])
    assert found.all()
    return features


def test_the_document_shows_all_files():
    files = documented_files(DOCUMENT)
    assert list(files) == ["export_network.py", "ct-fm.yaml", "mmfeat.yaml"]
    assert len([line for line in files["export_network.py"].splitlines() if line]) <= 17


def test_without_trust_nothing_is_extracted_and_the_message_says_what_to_add(project):
    arguments = ["extract", "mmfeat.yaml", "--set", "extract.cache=untrusted"]
    run = run_mmfeat(*arguments, folder=project, columns=400)
    assert run.code == 2
    assert "add --trust-code to the command, such as `mmfeat extract --trust-code`" in run.err


def test_its_features_are_those_of_the_built_in_encoder_bit_for_bit(project):
    run = run_mmfeat("extract", "mmfeat.yaml", "--trust-code", folder=project)
    assert run.code == 0, run.out + run.err
    exported = _features(project)
    settings = yaml.safe_load((project / "mmfeat.yaml").read_text())
    ct = {"encoder": "ct-fm", "weights": "weights.safetensors", "options": {"width": WIDTH}}
    settings["modalities"]["ct"] = {"kind": "volume", "column": "ct"} | ct
    settings["extract"] = {"cache": "built-in/cache"}
    (project / "built-in.yaml").write_text(yaml.safe_dump(settings))
    run = run_mmfeat("extract", "built-in.yaml", folder=project)
    assert run.code == 0, run.out + run.err
    np.testing.assert_array_equal(exported, _features(project / "built-in"))
    assert exported.shape == (3, 16 * WIDTH)


def test_the_table_of_steps_has_all_of_them():
    text = (PROJECT / "docs" / DOCUMENT).read_text()
    for step in RecipeStep.model_fields:
        assert f"| `{step}:" in text, step
