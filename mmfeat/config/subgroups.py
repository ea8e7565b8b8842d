"""Settings of the groups of cases whose results are stated apart."""

from typing import Annotated

from pydantic import Field, model_validator

from mmfeat.config.base import Name, StrictModel


class Subgroups(StrictModel):
    """One way to divide the cases: by a column of the manifest, or by a fact of their scans."""

    column: str | None = None
    """Column of the manifest; an empty cell is a group of its own, `unknown`."""
    scan: Name | None = None
    """Modality of scans that `fact` is of; a case with several scans counts by its first."""
    fact: str | None = None
    """What was measured of the scan, or what its header says, by the names of quality.parquet:
    `header_kernel`, `header_manufacturer`, `header_model`, `slice_spacing_mm`, `noise_hu`, ..."""
    bands: Annotated[list[float], Field(max_length=20)] = []
    """Where numbers are cut, from the lowest: `[50, 65]` makes `below 50`, `50 to below 65` and `65
    and above`."""

    @model_validator(mode="after")
    def _check(self) -> "Subgroups":
        of_scan = self.scan is not None and self.fact is not None
        half = (self.scan is None) != (self.fact is None)
        if half or (self.column is not None) == of_scan:
            raise ValueError("give either `column`, or `scan` and `fact`")
        if self.bands != sorted(set(self.bands)):
            raise ValueError(
                f"bands: give each cut once, from the lowest to the highest (found {self.bands})"
            )
        return self
