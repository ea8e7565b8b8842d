"""Open a network that was saved as a program: by torch.export, or as TorchScript.

Both kinds of file can hold code and pickled objects, and whoever opens one runs them.
"""

import warnings
import zipfile
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from mmfeat.errors import EncoderError, one_line

ProgramKind = Literal["torch.export", "TorchScript"]


def program_kind(file: Path) -> ProgramKind:
    """Say which kind of program a file is by what it holds, whatever its name; nothing is run.

    Raises:
        EncoderError: It is neither.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = {name.partition("/")[2] or name for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise EncoderError(
            f"{file}: neither a torch.export file nor TorchScript, or torn ({one_line(error)}); "
            "export the network again"
        ) from error
    if any(name.startswith("data/aotinductor/") for name in members):
        raise EncoderError(
            f"{file}: a program compiled for one machine (AOTInductor); save it by "
            "torch.export.save instead"
        )
    if "archive_format" in members or "serialized_exported_program.json" in members:
        return "torch.export"
    if "constants.pkl" in members:
        return "TorchScript"
    if "data.pkl" in members:
        raise EncoderError(
            f"{file}: holds tensors and no program; export the network with its weights by "
            "torch.export.save"
        )
    raise EncoderError(
        f"{file}: an archive, but neither of torch.export nor TorchScript; export the network again"
    )


def open_program(file: Path, device: torch.device) -> nn.Module:
    """Return a saved program, ready to run on a device. What it holds may run code, here and later.

    Raises:
        EncoderError: It is no program, or cannot be opened; there is no other way to try.
    """
    kind = program_kind(file)
    opened = _open_exported if kind == "torch.export" else _open_script
    try:
        return opened(file, device)
    except Exception as error:  # the file's own code may raise anything
        raise EncoderError(
            f"{file}: this {kind} file cannot be opened ({type(error).__name__}: "
            f"{one_line(error)}); it is torn, needs code that is not here, or was made by a newer "
            f"torch than {torch.__version__}; export it again"
        ) from error


def _open_exported(file: Path, device: torch.device) -> nn.Module:
    with file.open("rb") as stream:  # by its path, torch complains of names without .pt2
        exported = torch.export.load(stream)
    if device.type != "cpu":
        from torch.export.passes import move_to_device_pass

        exported = move_to_device_pass(exported, device)
    return exported.module()


def _open_script(file: Path, device: torch.device) -> nn.Module:
    with warnings.catch_warnings():  # torch prefers torch.export; the user may have no choice
        warnings.simplefilter("ignore", DeprecationWarning)
        program: Any = torch.jit.load(str(file), map_location=device)  # type: ignore[no-untyped-call]
    module: nn.Module = program.eval()
    return module
