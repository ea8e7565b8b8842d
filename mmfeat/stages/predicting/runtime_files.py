"""Heads for other runtimes: one ONNX or torch.export file for each fold and target.

A file answers as the fold's heads do on the mean, before recalibration; the prediction of a run is
the mean of its folds' files. It takes embeddings as they are stored and records as the fold's
encoder makes them (`folds/<k>/features`), because how a cell of a table is read is no matter of
tensors.
"""

import importlib.util
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mmfeat.errors import TrainError, one_line
from mmfeat.provenance import write_json
from mmfeat.stages.predicting.fold_module import FoldModule, example_inputs
from mmfeat.stages.predicting.run_model import RunModel

Writer = Callable[[FoldModule, tuple[torch.Tensor, ...], list[str], Path], None]
_NEEDED = ("onnx", "onnxscript", "onnxruntime")
_TRIED_ROWS, _FEWER_ROWS = 64, 5
_LARGEST_DIFFERENCE = 1e-5
"""Of a file's answers and the heads' own, relative to the size of an answer where it is above 1."""


def runtime_writers(*, onnx: bool, torch_export: bool) -> list[Callable[[Path, Path], None]]:
    """Return what adds the files that were asked for to an exported folder.

    Raises:
        TrainError: A package for them is not installed.
    """
    if onnx:
        for package in _NEEDED:
            if importlib.util.find_spec(package) is None:
                raise TrainError(f'--onnx needs {package}: pip install "mmfeat[onnx]"')
    chosen = {"onnx": (onnx, write_onnx), "pt2": (torch_export, write_exported)}
    return [_adder(ending, writer) for ending, (wanted, writer) in chosen.items() if wanted]


def _adder(ending: str, writer: Writer) -> Callable[[Path, Path], None]:
    def add(_run: Path, folder: Path) -> None:
        exported = RunModel.of_contents(folder)
        for label in exported.methods:
            _write_all(RunModel.of_contents(folder, method=label), folder, ending, writer)

    return add


def _write_all(model: RunModel, folder: Path, ending: str, writer: Writer) -> None:
    """Write a file for each fold and target, and what goes in and comes out of each."""
    place = folder / "runtimes" / model.method
    place.mkdir(parents=True, exist_ok=True)
    described: dict[str, Any] = {}
    for target in model.targets:
        for fold in range(model.n_folds):
            module = FoldModule(model.heads_of(fold, target), target).eval()
            widths = model.input_widths(fold, target)
            inputs = example_inputs(list(widths.values()), n_rows=_TRIED_ROWS)
            file = place / f"{target}-fold{fold}.{ending}"
            with _told(model, target, fold):
                writer(module, inputs, list(widths), file)
            described[file.name] = {
                "inputs": {name: ["rows", width] for name, width in widths.items()}
                | {"visible": ["rows", len(widths)]},
                "outputs": list(model.outputs(target)),
                "scaled_inside": [name for name in widths if name in model.widths],
            }
    write_json(place / f"{ending}.json", described)


def write_exported(
    module: FoldModule, inputs: tuple[torch.Tensor, ...], _names: list[str], file: Path
) -> None:
    """Write a module by torch.export, which names no inputs, and try it on other rows.

    Args:
        module: The module.
        inputs: An example.
        file: Where to.

    Raises:
        ValueError: What was written answers otherwise.
    """
    with _quiet():
        program = _captured(module, inputs)
        torch.export.save(program, file)
        fewer = tuple(one[:_FEWER_ROWS] for one in inputs)
        found = program.module()(*fewer).detach().numpy()
    _compare(module, fewer, found, file)


def write_onnx(
    module: FoldModule, inputs: tuple[torch.Tensor, ...], names: list[str], file: Path
) -> None:
    """Write a module as ONNX and try it in onnxruntime on other rows.

    Args:
        module: The module.
        inputs: An example.
        names: Of the modalities, in order.
        file: Where to.

    Raises:
        ValueError: What was written answers otherwise.
    """
    import onnxruntime

    with _quiet():
        program = torch.onnx.export(
            _captured(module, inputs),
            input_names=[*names, "visible"],
            output_names=["answers"],
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ValueError("torch gave no ONNX program")
    program.save(file)
    fewer = tuple(one[:_FEWER_ROWS] for one in inputs)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    fed = {
        one.name: values.numpy() for one, values in zip(session.get_inputs(), fewer, strict=True)
    }
    (found,) = session.run(None, fed)
    _compare(module, fewer, np.asarray(found), file)


def _captured(module: FoldModule, inputs: tuple[torch.Tensor, ...]) -> torch.export.ExportedProgram:
    rows = torch.export.Dim("rows", min=1)
    return torch.export.export(
        module, inputs, dynamic_shapes={"inputs": tuple({0: rows} for _ in inputs)}
    )


def _compare(
    module: FoldModule,
    inputs: tuple[torch.Tensor, ...],
    found: NDArray[Any],
    file: Path,
) -> None:
    with torch.inference_mode():
        wanted = module(*inputs).numpy()
    away = np.abs(found - wanted) / np.maximum(np.abs(wanted), 1.0)
    if found.shape != wanted.shape or not away.max(initial=0.0) <= _LARGEST_DIFFERENCE:
        raise ValueError(f"{file.name} answers otherwise than the heads (by {away.max():.2g})")


@contextmanager
def _told(model: RunModel, target: str, fold: int) -> Iterator[None]:
    """Say in an error which heads have no such form."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise TrainError(
            f"{model.folder}: `{target}`, {model.method}, fold {fold}: cannot be written for other "
            f"runtimes ({one_line(error)}); leave out --onnx and --torch-export"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the notes of the capturing to its makers from the user's screen."""
    before = {name: logging.getLogger(name).level for name in ("torch.onnx", "onnxscript")}
    for name in before:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
