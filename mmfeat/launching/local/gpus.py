"""Which GPUs workers of this machine may have, by the names that CUDA_VISIBLE_DEVICES takes."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping

from mmfeat.errors import LaunchError

VARIABLE = "CUDA_VISIBLE_DEVICES"
_COUNT = "import torch; print(torch.cuda.device_count() if torch.cuda.is_available() else 0)"
_GPU = re.compile(r"^GPU \d+: .*\(UUID: (GPU-[^)]+)\)")
_SLICE = re.compile(r"^\s+MIG .*\(UUID: (MIG-[^)]+)\)")
_PATIENCE_S = 120.0


def visible_gpus(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the GPUs that this process may use, each as one worker is to be told of it.

    What the variable names, a scheduler's choice or a user's, is kept to: numbers, and the UUIDs of
    GPUs and of their MIG slices. Where it is not set, these are all GPUs; of those that are cut
    into MIG slices, the slices.

    Raises:
        LaunchError: torch cannot be asked how many there are.
    """
    n_usable = _count_by_torch(environment)
    if n_usable == 0:
        return ()
    given = environment.get(VARIABLE)
    if given is not None:
        return given_gpus(given)[:n_usable]
    slices = gpus_with_slices(_listed())
    return slices or tuple(str(number) for number in range(n_usable))


def given_gpus(text: str) -> tuple[str, ...]:
    """Return the GPUs that the variable names; as for CUDA, it ends at the first that is none.

    Example:
        >>> given_gpus("0, GPU-5d5b,-1,3")
        ('0', 'GPU-5d5b')
    """
    found = []
    for name in (part.strip() for part in text.split(",")):
        if not re.fullmatch(r"\d+|(GPU|MIG)-\S+", name):
            break
        found.append(name)
    return tuple(found)


def gpus_with_slices(listing: str) -> tuple[str, ...]:
    """Return the MIG slices, and the GPUs that have none, in what `nvidia-smi -L` prints.

    Nothing where no GPU is cut into slices: then their numbers will do.
    """
    found: list[str] = []
    uncut: str | None = None
    n_slices = 0
    for line in listing.splitlines():
        if match := _GPU.match(line):
            found += [uncut] if uncut else []
            uncut = match[1]
        elif match := _SLICE.match(line):
            found.append(match[1])
            uncut, n_slices = None, n_slices + 1
    found += [uncut] if uncut else []
    return tuple(found) if n_slices else ()


def _count_by_torch(environment: Mapping[str, str]) -> int:
    """Ask torch in a process of its own: this one is to take no memory of any GPU."""
    asked = subprocess.run(
        [sys.executable, "-c", _COUNT],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    if asked.returncode != 0:
        last = (asked.stderr.strip().splitlines() or [f"exit code {asked.returncode}"])[-1]
        raise LaunchError(
            f"torch cannot say how many GPUs there are ({last}); mend its installation, or set "
            "`extract.device: cpu`"
        )
    return int(asked.stdout)


def _listed() -> str:
    """Return what the driver's program lists; nothing where there is none, as with AMD's."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    listing = subprocess.run(
        [program, "-L"], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
    )
    return listing.stdout if listing.returncode == 0 else ""
