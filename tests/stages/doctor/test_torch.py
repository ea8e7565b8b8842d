"""Torch, driver and GPU either fit each other or there is a fix; here without a GPU."""

import pytest
import torch

from mmfeat.stages.doctor.torch import (
    Gpu,
    build_finding,
    device_findings,
    driver_version,
    gpu_finding,
    runs_on,
)

ARCHITECTURES = ["sm_75", "sm_80", "sm_90", "compute_90"]


def gpu(capability=(8, 6), free=70e9) -> Gpu:
    return Gpu(0, "A GPU", capability, total_bytes=int(80e9), free_bytes=int(free))


@pytest.mark.parametrize(
    ("capability", "names", "answer"),
    [
        ((8, 0), ARCHITECTURES, True),
        ((8, 6), ARCHITECTURES, True),
        ((7, 0), ARCHITECTURES, False),
        ((12, 0), ARCHITECTURES, True),  # translated from compute_90
        ((12, 0), ["sm_90"], False),
        ((9, 0), ["sm_90a"], True),
        ((10, 0), ["sm_100"], True),
        ((8, 0), [], True),  # nothing is known, so nothing is said
    ],
)
def test_a_build_runs_on_its_own_and_on_translatable_gpus(capability, names, answer):
    assert runs_on(capability, names) is answer


def test_a_gpu_that_is_free_is_in_order():
    finding = gpu_finding(gpu(), ARCHITECTURES)
    assert (finding.check, finding.level) == ("gpu 0", "ok")
    assert finding.message == "A GPU, capability 8.6, 70.0 GB free of 80.0 GB"


def test_a_gpu_that_another_program_fills_is_a_warning():
    finding = gpu_finding(gpu(free=10e9), ARCHITECTURES)
    assert finding.level == "warning"
    assert "another program" in finding.message


def test_a_gpu_that_torch_has_no_code_for_is_a_warning_as_another_device_may_be_chosen():
    finding = gpu_finding(gpu((6, 1)), ARCHITECTURES)
    assert finding.level == "warning"
    assert "built for sm_75, sm_80, sm_90, compute_90 only" in finding.message


def build(**changes):
    given = {"built_for_cuda": True, "driver": "550.1", "usable": True, "complaint": ""}
    return build_finding("torch 2.9", **{**given, **changes})


def test_torch_for_the_cpu_where_there_is_a_driver_is_a_warning_with_its_fix():
    finding = build(built_for_cuda=False, usable=False)
    assert finding.level == "warning"
    assert "this torch cannot use it" in finding.message
    assert "build of torch for CUDA" in finding.fix


def test_a_driver_that_is_too_old_is_told_in_the_words_of_torch():
    finding = build(usable=False, complaint="The NVIDIA driver on your system is too old")
    assert finding.level == "warning"
    assert "(The NVIDIA driver on your system is too old)" in finding.message
    assert "CUDA_VISIBLE_DEVICES" in finding.fix


def test_with_a_gpu_or_without_all_is_well():
    assert build().message == "torch 2.9, driver 550.1"
    without = build(driver=None, usable=False)
    assert (without.level, without.message) == (
        "ok",
        "torch 2.9, no NVIDIA driver: networks run on the CPU",
    )


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\n", "535.129.03"),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  R\n", "550.54.15"),
        ("something else\n", "of unknown version"),
    ],
)
def test_the_version_of_the_driver_is_read_from_the_system(tmp_path, text, version):
    (tmp_path / "version").write_text(text)
    assert driver_version(tmp_path / "version") == version


def test_the_version_is_asked_for_where_the_system_has_no_such_file(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 560.35.03\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert driver_version(tmp_path / "no file") == "560.35.03"
    program.write_text("#!/bin/sh\nexit 9\n")
    assert driver_version(tmp_path / "no file") is None


def test_the_cpu_can_be_used_and_another_device_cannot():
    (finding,) = device_findings("cpu", "extract.device")
    assert (finding.level, finding.message) == ("ok", "cpu")
    (finding,) = device_findings("cuda:63", "extract.device")
    assert (finding.check, finding.level) == ("extract.device", "problem")
    assert "`cuda:63` cannot be used here" in finding.message
    assert "`auto` or `cpu`" in finding.fix


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_auto_says_what_it_is():
    (finding,) = device_findings("auto", "extract.device")
    assert finding.message == "auto: cpu"
