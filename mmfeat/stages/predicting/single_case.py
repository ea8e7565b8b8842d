"""Put a single patient together: scans by the names of modalities, and a record of plain values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError, ConfigError, one_line
from mmfeat.manifest.scan_paths import SEPARATOR
from mmfeat.manifest.text_frames import text_frame
from mmfeat.stages.predicting.new_cases import NewCases, new_cases_of

CASE_ID = "case"
"""Of a patient whose record does not say."""


def read_single_case(
    project: Project,
    *,
    scans: Mapping[str, Sequence[Path]],
    record: Path | None,
    files: Mapping[str, Path],
) -> NewCases:
    """Read one patient.

    Args:
        project: The run's.
        scans: Files or folders, by the name of the modality.
        record: JSON file with one object: a value for each column, as in a row of the manifest; it
            may name the case and the patient. Masks in it are relative to it.
        files: For modalities of embeddings, the file that holds them.

    Raises:
        ConfigError: A modality has no scans, or several where it has to be known which is latest.
        CohortError: The record cannot be read or has faults, or a scan is not there.
    """
    named = (record or Path("the case")).absolute()
    values = {} if record is None else _read_record(record)
    modalities = dict(project.settings.modalities)
    row: dict[str, Any] = {project.settings.cohort.case_id: CASE_ID, **values}
    for name, paths in scans.items():
        modality = modalities.get(name)
        if not isinstance(modality, VolumeModality):
            known = [n for n, one in modalities.items() if isinstance(one, VolumeModality)]
            raise ConfigError(
                f"--scan {name}=...: the run has no modality of scans of that name"
                + (did_you_mean(name, known) or f"; it has {', '.join(known) or 'none'}")
            )
        if len(paths) > 1 and modality.several in ("latest", "earliest"):
            raise ConfigError(
                f"--scan {name}=...: of {len(paths)} scans the {modality.several} counts, and "
                "nothing says when they were made; give that one, or a table by --manifest"
            )
        column = modality.column or f"scan of {name}"
        if column in values:
            raise ConfigError(
                f"--scan {name}=...: {record} has the column `{column}`, too; keep one of them"
            )
        row[column] = SEPARATOR.join(str(path.absolute()) for path in paths)
        modalities[name] = modality.model_copy(
            update={"column": column, "scans": None, "index_date": None}
        )
    settings = project.settings.model_copy(update={"modalities": modalities})
    frame = text_frame(pd.DataFrame([row], dtype=object), settings.cohort.missing)
    cases = new_cases_of(
        replace(project, settings=settings), frame, named=named, files=files, needs_patients=False
    )
    is_named = settings.cohort.patient_id in frame.columns
    return replace(cases, has_patients=cases.has_patients and is_named)


def _read_record(file: Path) -> dict[str, Any]:
    try:
        record = json.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise CohortError(f"{file}: no such file; give a JSON file of the record") from error
    except (OSError, ValueError) as error:
        raise CohortError(
            f"{file}: cannot be read as JSON ({one_line(error)}); it must hold one object with a "
            "value for each column of the record"
        ) from error
    if not isinstance(record, dict):
        raise CohortError(
            f"{file}: holds a {type(record).__name__}; one object with a value for each column of "
            "the record is needed, or give a table by --manifest"
        )
    nested = [name for name, value in record.items() if isinstance(value, list | dict)]
    if nested:
        raise CohortError(
            f"{file}: `{nested[0]}` is a list or an object; give a text, a number, true, false or "
            "null, as the cell of a table would hold it"
        )
    return record
