"""Open a local folder in the layout of transformers, with the code that it may bring."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mmfeat.encoders.slices.quiet_transformers import quiet
from mmfeat.errors import EncoderError, one_line
from mmfeat.wording import first_and_more

_SHOWN = 3
_KEY_FAULTS = {
    "missing_keys": "missing",
    "unexpected_keys": "unexpected",
    "mismatched_keys": "of another shape",
}


def brings_code(folder: Path) -> bool:
    """Say whether the model of a folder is defined by code in it; nothing is run.

    Raises:
        EncoderError: It has no config.json of a model.
    """
    file = folder / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise EncoderError(
            f"{folder}: no config.json in it; `weights` has to be the whole folder of a model, as "
            "downloaded from the hub"
        ) from error
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"{file}: cannot be read ({one_line(error)}); download the folder again"
        ) from error
    return not isinstance(config, dict) or "auto_map" in config


def open_folder(folder: Path, *, unused: Sequence[str]) -> nn.Module:
    """Return the model of a folder with all its weights; code in the folder is run, offline.

    Args:
        folder: As downloaded from the hub.
        unused: Beginnings of names of tensors that the model may leave out.

    Raises:
        EncoderError: It cannot be made, or its tensors do not fit; the first ones are named.
    """
    try:
        from transformers import AutoModel
    except ModuleNotFoundError as error:
        raise EncoderError(
            'encoder hub-folder needs transformers: pip install "mmfeat[transformers]"'
        ) from error
    with _offline(), quiet():
        try:
            model, info = AutoModel.from_pretrained(
                str(folder),
                trust_remote_code=brings_code(folder),
                local_files_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are told below
                dtype=torch.float32,
            )
        except Exception as error:  # the folder's own code may raise anything
            raise EncoderError(
                f"{folder}: its model cannot be made ({type(error).__name__}: {one_line(error)}); "
                "its code may need another version of transformers, or packages that are not here"
            ) from error
    _check_keys(folder, info, unused)
    module: nn.Module = model.eval()
    return module


def _check_keys(folder: Path, info: Any, unused: Sequence[str]) -> None:  # noqa: ANN401 - a dict
    faults = []
    for kind, words in _KEY_FAULTS.items():
        keys = [str(key[0] if isinstance(key, tuple) else key) for key in info.get(kind, ())]
        if kind == "unexpected_keys":
            keys = [key for key in keys if not key.startswith(tuple(unused))]
        if keys:
            faults.append(f"{words}: {first_and_more(sorted(keys), _SHOWN)}")
    if faults:
        raise EncoderError(
            f"{folder}: not all tensors fit its model: {'; '.join(faults)}; download it again, or "
            "name unexpected ones by `unused_weights` of the recipe file"
        )


@contextmanager
def _offline() -> Iterator[None]:
    """Keep huggingface_hub from the network, whatever code asks it for."""
    from huggingface_hub import constants

    before, variable = constants.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE")
    constants.HF_HUB_OFFLINE = True  # read from the environment on import, long ago
    os.environ["HF_HUB_OFFLINE"] = "1"  # for processes that the code starts
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
        if variable is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = variable
