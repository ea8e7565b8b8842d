"""Examine torch, the driver and the GPUs, and whether the settings' device can be used."""

import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mmfeat.errors import EncoderError, one_line
from mmfeat.size_in_words import size_in_words
from mmfeat.stages.doctor.finding import Finding, problem_from

if TYPE_CHECKING:
    import torch

_DRIVER_FILE = Path("/proc/driver/nvidia/version")
_SMI_TIMEOUT_S = 20.0
_CUDA_BUILD = "install the build of torch for CUDA that fits the driver"
_LEAST_FREE_SHARE = 0.5


@dataclass(frozen=True)
class Gpu:
    """Describe one GPU as torch sees it."""

    number: int
    name: str
    capability: tuple[int, int]
    total_bytes: int
    free_bytes: int


def torch_findings() -> Iterator[Finding]:
    """Examine torch's build, the driver, and each GPU."""
    try:
        import torch  # not before the libraries were looked at: it may be missing or broken
    except (ImportError, OSError) as error:
        message = f"cannot be loaded: {one_line(error)}"
        fix = "install torch again, in a build for this machine"
        yield Finding("torch", "problem", message, fix)
        return
    driver = driver_version()
    there, complaint = _cuda_is_there()
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "without CUDA"
    yield build_finding(
        f"torch {torch.__version__} ({build})",
        built_for_cuda=torch.version.cuda is not None,
        driver=driver,
        usable=there,
        complaint=complaint,
    )
    for number in range(torch.cuda.device_count() if there else 0):
        yield _examine_gpu(number, torch.cuda.get_arch_list())


def build_finding(
    build: str, *, built_for_cuda: bool, driver: str | None, usable: bool, complaint: str
) -> Finding:
    """Say whether torch and the driver fit each other.

    Args:
        build: Version and kind of torch.
        built_for_cuda: Whether torch could use a GPU if there was one.
        driver: Version of the GPU's driver; None when there is none.
        usable: Whether torch finds a GPU that it can use.
        complaint: What torch said when it looked for one.
    """
    with_driver = f"{build}, driver {driver}" if driver else f"{build}, no NVIDIA driver"
    if usable:
        return Finding("torch", "ok", with_driver)
    if driver is None:
        return Finding("torch", "ok", f"{with_driver}: networks run on the CPU")
    if not built_for_cuda:
        message = f"{with_driver}: there is a GPU, but this torch cannot use it"
        return Finding("torch", "warning", message, _CUDA_BUILD)
    message = f"{with_driver}: torch finds no GPU that it can use"
    fix = f"{_CUDA_BUILD}, or update the driver; see that CUDA_VISIBLE_DEVICES names a GPU"
    return Finding("torch", "warning", f"{message} ({complaint})" if complaint else message, fix)


def gpu_finding(gpu: Gpu, architectures: Sequence[str]) -> Finding:
    """Say whether a GPU can be used, and how much of its memory is free."""
    check = f"gpu {gpu.number}"
    capability = ".".join(map(str, gpu.capability))
    message = (
        f"{gpu.name}, capability {capability}, {size_in_words(gpu.free_bytes)} free of "
        f"{size_in_words(gpu.total_bytes)}"
    )
    if not runs_on(gpu.capability, architectures):
        built = ", ".join(architectures)
        fix = (
            "install a build of torch that has this capability, or choose another device by "
            "`extract.device`"
        )
        return Finding(check, "warning", f"{message}; torch is built for {built} only", fix)
    if gpu.free_bytes < _LEAST_FREE_SHARE * gpu.total_bytes:
        fix = "end what else runs on it (`nvidia-smi` lists it), or choose another device"
        return Finding(check, "warning", f"{message}: another program uses it", fix)
    return Finding(check, "ok", message)


def runs_on(capability: tuple[int, int], architectures: Sequence[str]) -> bool:
    """Say whether a build of torch has code for a GPU, or code that the driver can translate.

    Code for ``sm_80`` runs on 8.0 and later ones of the same first number; ``compute_80`` is
    translated for any later one. Where torch names no architectures, it is not known to fail.

    Example:
        >>> runs_on((8, 6), ["sm_80"]), runs_on((9, 0), ["sm_80"]), runs_on((6, 1), ["sm_70"])
        (True, False, False)
    """
    known = [re.fullmatch(r"(sm|compute)_(\d+)(\d)[af]?", name) for name in architectures]
    built = [(found[1], (int(found[2]), int(found[3]))) for found in known if found]
    return not built or any(
        made <= capability and (kind == "compute" or made[0] == capability[0])
        for kind, made in built
    )


def driver_version(file: Path = _DRIVER_FILE) -> str | None:
    """Return the version of the NVIDIA driver; None when there is none."""
    if file.is_file():
        match = re.search(r"Kernel Module\s.*?(\d+\.\d+(?:\.\d+)?)", file.read_text())
        return match[1] if match else "of unknown version"
    smi = shutil.which("nvidia-smi")
    if smi is None:
        return None
    command = [smi, "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_SMI_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError):
        return None  # the program is there, a driver that answers is not
    return next(iter(said.stdout.split()), None)


def device_findings(name: str, place: str) -> Iterator[Finding]:
    """Say whether the device of a setting can be used.

    Args:
        name: As in the settings.
        place: The setting.
    """
    from mmfeat.encoders.networks.network import resolve_device

    try:
        device = resolve_device(name)
        resolve_device(str(device))  # `auto` is not tried out by itself
    except EncoderError as error:
        yield problem_from(place, error, f"set `{place}` to `auto` or `cpu`")
        return
    chosen = f"{name}: {_described(device)}" if name != str(device) else _described(device)
    yield Finding(place, "ok", chosen)


def _described(device: "torch.device") -> str:
    import torch

    if device.type == "cuda":
        return f"{device}, {torch.cuda.get_device_name(device)}"
    return str(device)


def _cuda_is_there() -> tuple[bool, str]:
    """Return whether torch can use a GPU, and what it complains of."""
    import torch

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        there = torch.cuda.is_available()
    return there, one_line(said[0].message) if said and isinstance(said[0].message, Warning) else ""


def _examine_gpu(number: int, architectures: Sequence[str]) -> Finding:
    import torch

    try:
        free, total = torch.cuda.mem_get_info(number)
        gpu = Gpu(
            number=number,
            name=torch.cuda.get_device_name(number),
            capability=torch.cuda.get_device_capability(number),
            total_bytes=total,
            free_bytes=free,
        )
    except RuntimeError as error:  # another process has it for itself, or it is broken
        fix = "see `nvidia-smi`, or choose another device by `extract.device`"
        return Finding(f"gpu {number}", "warning", f"cannot be used: {one_line(error)}", fix)
    return gpu_finding(gpu, architectures)
