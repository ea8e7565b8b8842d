"""Examine the encoder of a modality: its weights, their digest, and whether they load."""

import time
from collections.abc import Iterator
from pathlib import Path

from mmfeat import encoders
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.encoders.options import WeightsSource
from mmfeat.encoders.sampler_choice import PrepareOn
from mmfeat.encoders.weights.found_weights import find_weights
from mmfeat.errors import MmfeatError
from mmfeat.stages.doctor.finding import Finding, problem_from
from mmfeat.stages.volume_encoder import VolumeEncoder, recipe_file_of, volume_encoder


class EncoderCheck:
    """Make and load the encoder of one modality; ``made`` is there once that has gone well.

    Args:
        project: Whose settings.
        name: The modality.
        modality: Its settings.
        device: Where the network is loaded to.
        prepare_on: Where scans are prepared.
        trust_code: Whether it may run code that its weights bring.
    """

    def __init__(
        self,
        project: Project,
        name: str,
        *,
        modality: VolumeModality,
        device: str,
        prepare_on: PrepareOn,
        trust_code: bool = False,
    ) -> None:
        self.made: VolumeEncoder | None = None
        self.load_s = 0.0
        self.device = device
        self._project = project
        self._modality = modality
        self._prepare_on = prepare_on
        self._trust_code = trust_code
        self._check = f"{name} weights"

    def findings(self) -> Iterator[Finding]:
        """Say which weights they are and whether they are those of the encoder."""
        source = encoders.encoder_class(
            self._modality.encoder, recipe_file_of(self._project, self._modality)
        ).weights_source
        fix = "correct the settings of the modality"
        if source is not None:
            fix = _where_from(self._modality.encoder, source)
        try:
            file = self._file(source)
        except MmfeatError as error:  # what is remembered of fetched weights is damaged
            yield problem_from(self._check, error, fix)
            return
        missing = _missing(self._modality.encoder, source, file)
        if missing:
            yield Finding(self._check, "problem", missing, fix)
            return
        try:
            made = volume_encoder(
                self._project,
                self._modality,
                device=self.device,
                prepare_on=self._prepare_on,
                trust_code=self._trust_code,
            )
            started = time.perf_counter()
            made.encoder.load()
            self.load_s = time.perf_counter() - started
        except MmfeatError as error:
            yield problem_from(self._check, error, fix)
            return
        self.made = made
        yield Finding(self._check, "ok", self._described(made, source, file))

    def _file(self, source: WeightsSource | None) -> Path | None:
        if source is None:
            return None
        if self._modality.weights is not None:
            return self._project.path(self._modality.weights)
        found = find_weights(self._modality.encoder, source)
        return None if found is None else found.file

    def _described(
        self, made: VolumeEncoder, source: WeightsSource | None, file: Path | None
    ) -> str:
        name = made.encoder.name
        if source is None:
            return f"{name} needs none"
        size = f"{file}, {_n_bytes(file) / 1e6:.1f} MB" if file else source.where
        return (
            f"{name}: {size}; sha256 {made.encoder.weights_sha256}; every tensor fits, loaded in "
            f"{self.load_s:.1f} s; licence: {source.licence}"
        )


def _missing(encoder: str, source: WeightsSource | None, file: Path | None) -> str:
    """Return what is wrong when a file is needed that is not there; an empty text when all is."""
    if source is None or not source.file_needed:
        return ""
    if file is None:
        return f"{encoder}: its weights are not on this machine, and the settings name no file"
    if file.is_dir() if source.is_folder else file.is_file():
        return ""
    return f"{encoder}: {file}: no such {'folder' if source.is_folder else 'file'}"


def _n_bytes(weights: Path) -> int:
    """Return the size of a file, or of all files in a folder."""
    files = weights.rglob("*") if weights.is_dir() else [weights]
    return sum(file.stat().st_size for file in files if file.is_file())


def _where_from(encoder: str, source: WeightsSource) -> str:
    if not source.file_needed:
        return f"the weights are in {source.where}; licence: {source.licence}"
    if source.published:
        return (
            f"`mmfeat encoders fetch {encoder}`, or without a network `mmfeat encoders add-weights "
            f"{encoder} FILE`; it is {source.where}; licence: {source.licence}"
        )
    return (
        f"name the file by `weights` in the settings of the modality; it is {source.where}; "
        f"licence: {source.licence}"
    )
