"""Settings of where in a scan the region of interest is, for encoders that see only that."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from mmfeat.config.base import StrictModel


class PointColumns(StrictModel):
    """A point in each scan, by its coordinates."""

    columns: Annotated[list[str], Field(min_length=3, max_length=3)]
    """Columns with x, y and z: of the manifest, or of the table of scans where there is one."""
    space: Literal["lps_mm", "ras_mm", "voxel"]
    """What the coordinates are: millimetres with x to the left and y to the back (`lps_mm`: DICOM,
    ITK, LUNA16), to the right and to the front (`ras_mm`: NIfTI, nibabel), or the
    column, row and slice of a voxel, counted from 0 (`voxel`)."""

    @model_validator(mode="after")
    def _check_columns(self) -> "PointColumns":
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("columns: name three of them, for x, y and z")
        return self


class MaskColumn(StrictModel):
    """A mask for each scan, in whose centre the point is."""

    column: str
    """Column with a NIfTI, NRRD or MetaImage file, relative to the table; its grid need not be the
    scan's."""
    label: PositiveInt | None = None
    """Value of the voxels that are meant; all that are not 0, when it is not given."""
    part: Literal["largest", "all"] = "largest"
    """Of what the centre of mass is taken: of the `largest` connected part, or of `all` voxels,
    whose centre may lie between the parts."""


RegionColumns = PointColumns | MaskColumn
