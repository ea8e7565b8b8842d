"""Examine the encoder of a modality: its weights, their digest, and whether they load."""

import time
from collections.abc import Iterator
from pathlib import Path

from mmfeat import encoders
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.encoders.options import WeightsSource
from mmfeat.encoders.sampler_choice import PrepareOn
from mmfeat.errors import MmfeatError
from mmfeat.stages.doctor.finding import Finding, problem_from
from mmfeat.stages.volume_encoder import VolumeEncoder, volume_encoder


class EncoderCheck:
    """Make and load the encoder of one modality; ``made`` is there once that has gone well.

    Args:
        project: Whose settings.
        name: The modality.
        modality: Its settings.
        device: Where the network is loaded to.
        prepare_on: Where scans are prepared.
    """

    def __init__(
        self,
        project: Project,
        name: str,
        *,
        modality: VolumeModality,
        device: str,
        prepare_on: PrepareOn,
    ) -> None:
        self.made: VolumeEncoder | None = None
        self.load_s = 0.0
        self.device = device
        self._project = project
        self._modality = modality
        self._prepare_on = prepare_on
        self._check = f"{name} weights"

    def findings(self) -> Iterator[Finding]:
        """Say which weights they are and whether they are those of the encoder."""
        source = encoders.encoder_class(self._modality.encoder).weights_source
        fix = "correct the settings of the modality" if source is None else _where_from(source)
        file = self._file(source)
        missing = _missing(self._modality.encoder, source, file)
        if missing:
            yield Finding(self._check, "problem", missing, fix)
            return
        try:
            made = volume_encoder(
                self._project, self._modality, device=self.device, prepare_on=self._prepare_on
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
        if source is None or not source.file_needed or self._modality.weights is None:
            return None
        return self._project.path(self._modality.weights)

    def _described(
        self, made: VolumeEncoder, source: WeightsSource | None, file: Path | None
    ) -> str:
        name = made.encoder.name
        if source is None:
            return f"{name} needs none"
        size = f"{file}, {file.stat().st_size / 1e6:.1f} MB" if file else source.where
        return (
            f"{name}: {size}; sha256 {made.encoder.weights_sha256}; every tensor fits, loaded in "
            f"{self.load_s:.1f} s; licence: {source.licence}"
        )


def _missing(encoder: str, source: WeightsSource | None, file: Path | None) -> str:
    """Return what is wrong when a file is needed that is not there; an empty text when all is."""
    if source is None or not source.file_needed:
        return ""
    if file is None:
        return f"{encoder} needs a file with its weights, and the settings name none"
    return "" if file.is_file() else f"{encoder}: {file}: no such file"


def _where_from(source: WeightsSource) -> str:
    if not source.file_needed:
        return f"the weights are in {source.where}; licence: {source.licence}"
    return (
        f"name the file by `weights` in the settings of the modality; it is {source.where}; "
        f"licence: {source.licence}"
    )
