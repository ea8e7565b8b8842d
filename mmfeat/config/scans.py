"""Settings of a table of scans, for cases that have several."""

from pydantic import model_validator

from mmfeat.config.base import FileOrUrl, StrictModel


class ScanTable(StrictModel):
    """A table with one row for each scan, as many as there are of each case."""

    file: FileOrUrl
    """CSV, TSV, Parquet or Excel (`pip install "mmfeat[excel]"`) file, relative to the settings
    file, or its URL; its missing cells are those of `cohort.missing`."""
    case: str = "case_id"
    """Column with the case, as the manifest names it."""
    path: str = "path"
    """Column with a NIfTI file or a DICOM folder, relative to this table, or its URL."""
    date: str | None = None
    """Column with the date of the scan; the days are counted to the modality's `index_date`."""
    days: str | None = None
    """Instead of dates: column with the days from the scan to the index date, positive if the scan
    comes before it."""
    date_format: str = "%Y-%m-%d"
    """How the dates of the scans and the index date are written, in the signs of Python's
    strptime."""

    @model_validator(mode="after")
    def _check_times(self) -> "ScanTable":
        if self.date is not None and self.days is not None:
            raise ValueError("days: take it out or `date`; the days follow from the dates")
        return self

    @property
    def has_times(self) -> bool:
        """Say whether it is known when scans were made."""
        return self.date is not None or self.days is not None
