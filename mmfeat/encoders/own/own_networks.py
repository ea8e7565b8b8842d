"""The two kinds of networks of the user's own: exported programs, and folders of transformers."""

from pathlib import Path
from typing import TYPE_CHECKING

from mmfeat.encoders.options import PRECISION, WeightsSource
from mmfeat.encoders.own.file_encoder import FileKind
from mmfeat.encoders.weights.folder_digest import sha256_of_folder
from mmfeat.provenance import sha256_of_file

if TYPE_CHECKING:
    import torch

    from mmfeat.encoders.own.file_recipe import FileRecipe


class _ExportedFile:
    """A file of torch.export or TorchScript."""

    def runs_code(self, weights: Path) -> bool:  # noqa: ARG002 - both kinds may
        """Say so of every file."""
        return True

    def digest(self, weights: Path) -> str:
        """Return the digest of the file."""
        return sha256_of_file(weights)

    def open(
        self,
        weights: Path,
        device: "torch.device",
        recipe: "FileRecipe",  # noqa: ARG002 - tensors are all in the file
    ) -> "torch.nn.Module":
        """Open the program."""
        from mmfeat.encoders.own.exported_program import open_program

        return open_program(weights, device)


class _HubFolder:
    """A folder in the layout of transformers."""

    def runs_code(self, weights: Path) -> bool:
        """Say whether the folder defines its model by code in it."""
        from mmfeat.encoders.own.hub_folder import brings_code

        return brings_code(weights)

    def digest(self, weights: Path) -> str:
        """Return the digest of all files of the folder."""
        return sha256_of_folder(weights)

    def open(
        self, weights: Path, device: "torch.device", recipe: "FileRecipe"
    ) -> "torch.nn.Module":
        """Make the model with all its weights."""
        from mmfeat.encoders.own.hub_folder import open_folder

        return open_folder(weights, unused=recipe.settings.unused_weights).to(device)


EXPORTED = FileKind(
    name="exported",
    summary="a network of your own, saved by torch.export or as TorchScript, with a recipe file",
    usual_source=WeightsSource(
        where="a file that you export, as docs/bring-your-own.md shows",
        licence="as its recipe file says",
        file_needed=True,
    ),
    source=_ExportedFile(),
    options={},
)
"""It computes in the precision it was exported in."""

HUB_FOLDER = FileKind(
    name="hub-folder",
    summary="a local folder in the layout of transformers, its code included, with a recipe file",
    usual_source=WeightsSource(
        where="a folder as downloaded from the hub, with config.json, weights and code",
        licence="as its recipe file says",
        file_needed=True,
        is_folder=True,
    ),
    source=_HubFolder(),
    options={"precision": PRECISION},
)
