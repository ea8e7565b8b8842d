"""Which GPUs workers may have: what a scheduler or user has chosen, slices, or all."""

import stat

import pytest

from mmfeat.errors import LaunchError
from mmfeat.launching.local import gpus
from mmfeat.launching.local.gpus import given_gpus, gpus_with_slices, visible_gpus

LISTING = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-0)
  MIG 3g.20gb     Device  0: (UUID: MIG-bbbb-1)
  MIG 3g.20gb     Device  1: (UUID: MIG-cccc-2)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-dddd-3)
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0,1", ("0", "1")),
        (" 3 , GPU-8932f937 ,MIG-5d/1/0", ("3", "GPU-8932f937", "MIG-5d/1/0")),
        ("0,-1,1", ("0",)),
        ("", ()),
        ("NoDevFiles", ()),
    ],
)
def test_what_the_variable_names_is_read_as_cuda_reads_it(text, names):
    assert given_gpus(text) == names


def test_slices_stand_for_the_gpu_that_is_cut_and_others_for_themselves():
    assert gpus_with_slices(LISTING) == ("MIG-bbbb-1", "MIG-cccc-2", "GPU-dddd-3")


def test_without_slices_numbers_will_do():
    assert gpus_with_slices(LISTING.splitlines()[0]) == ()
    assert gpus_with_slices("") == ()


def _python_that_prints(text, tmp_path, monkeypatch, code=0):
    """Stand a program in the place of Python, which this machine without GPUs needs."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho '{text}'\necho 'no torch' >&2\nexit {code}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(gpus.sys, "executable", str(program))


def test_no_more_gpus_are_named_than_torch_can_use(tmp_path, monkeypatch):
    _python_that_prints(2, tmp_path, monkeypatch)
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": "4,5,77", "PATH": "/bin"}) == ("4", "5")
    _python_that_prints(0, tmp_path, monkeypatch)
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": "4", "PATH": "/bin"}) == ()


def test_where_nothing_is_chosen_all_gpus_are_numbered_or_their_slices_named(tmp_path, monkeypatch):
    _python_that_prints(3, tmp_path, monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_gpus({"PATH": "/bin"}) == ("0", "1", "2")
    driver = tmp_path / "nvidia-smi"
    driver.write_text(f"#!/bin/sh\ncat <<'END'\n{LISTING}END\n".replace("cat", "/bin/cat"))
    driver.chmod(0o755)
    assert visible_gpus({"PATH": "/bin"}) == ("MIG-bbbb-1", "MIG-cccc-2", "GPU-dddd-3")


def test_a_torch_that_cannot_say_is_an_error_with_its_last_line(tmp_path, monkeypatch):
    _python_that_prints("", tmp_path, monkeypatch, code=1)
    with pytest.raises(LaunchError, match=r"how many GPUs there are \(no torch\); mend"):
        visible_gpus({"PATH": "/bin"})
