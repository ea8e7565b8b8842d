"""The settings of a region of interest say one thing, and clearly what is wrong with them."""

import pytest
from pydantic import ValidationError

from mmfeat.config.modalities import VolumeModality
from mmfeat.config.regions import MaskColumn, PointColumns

POINT = {"columns": ["x", "y", "z"], "space": "lps_mm"}
FMCIB = {"kind": "volume", "column": "ct", "encoder": "fmcib"}


def test_a_modality_has_a_point_or_a_mask_or_neither():
    assert VolumeModality(**FMCIB).region is None
    assert VolumeModality(**FMCIB, point=POINT).region == PointColumns(**POINT)
    mask = VolumeModality(**FMCIB, mask={"column": "lesion"}).region
    assert mask == MaskColumn(column="lesion", label=None, part="largest")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"point": POINT, "mask": {"column": "m"}}, "mask: take it out or `point`"),
        ({"point": POINT | {"columns": ["x", "y"]}}, "at least 3"),
        ({"point": POINT | {"columns": ["x", "y", "x"]}}, "columns: name three of them"),
        ({"point": POINT | {"space": "mm"}}, "'lps_mm', 'ras_mm' or 'voxel'"),
        ({"point": {"columns": ["x", "y", "z"]}}, "space\n  Field required"),
        ({"mask": {"label": 1}}, "column\n  Field required"),
        ({"mask": {"column": "m", "label": 0}}, "greater than 0"),
        ({"mask": {"column": "m", "part": "first"}}, "'largest' or 'all'"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        VolumeModality(**FMCIB, **given)
