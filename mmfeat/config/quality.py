"""Settings of the quality verdict: from where on a scan is remarked on, and how severely."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from mmfeat.config.base import StrictModel

_Part = Annotated[float, Field(ge=0, le=1)]
_Range = Annotated[list[float], Field(min_length=2, max_length=2)]


class QualitySettings(StrictModel):
    """When a scan is remarked on; docs/quality.md lists all codes.

    By default only what is certainly useless is rejected, and everything else is a warning. None of
    this changes a feature.
    """

    fewest_slices: PositiveInt = 3
    """Fewer slices are rejected (`too-few-slices`): two neighbours are no volume."""
    few_slices: PositiveInt = 16
    """Fewer slices are a warning (`few-slices`); networks halve a volume four or five times."""
    smallest_coverage_mm: NonNegativeFloat = 10.0
    """A volume shorter than this along any axis is rejected (`too-small`); crops about a nodule
    measure 30 mm and more."""
    short_coverage_mm: NonNegativeFloat = 100.0
    """A scan shorter than this from top to bottom is a warning (`short-coverage`); a head measures
    150 mm, a chest 300."""
    thickest_slice_mm: PositiveFloat = 6.0
    """Slices farther apart are a warning (`thick-slices`); clinical archives hold up to 5 mm."""
    largest_gap_share: _Part = 0.25
    """Slices of which more than this share of the distance was not seen are a warning
    (`gaps-between-slices`), for example 1 mm every 10 mm."""
    coarsest_pixel_mm: PositiveFloat = 1.5
    """Pixels larger than this are mentioned (`coarse-pixels`): a field of view of 700 mm in 512
    pixels, the largest there is, makes 1.4 mm."""
    most_oblique_deg: NonNegativeFloat = 10.0
    """Axes farther off the body's are mentioned (`oblique`)."""
    air_hu: _Range = [-1050.0, -950.0]
    """Lowest and highest plausible value of the air around the body (`air-off`); it is -1000 by
    definition, and -1024 where a scanner cuts off."""
    soft_tissue_hu: _Range = [-20.0, 130.0]
    """Lowest and highest plausible value of most soft tissue (`soft-tissue-off`): brain 35, muscle
    55, liver with contrast 110."""
    most_clipped_share: _Part = 0.005
    """More voxels than this share at the highest or at the lowest value were cut off there
    (`clipped-high`, `clipped-low`)."""
    most_padding_share: _Part = 0.5
    """A larger share outside the scanner's field of view is a warning (`padded`); the corners
    around a round one are 0.21."""
    smallest_body_share: _Part = 0.05
    """A scan with a smaller share of body is a warning (`no-body`); a child in a large field of
    view has 0.1."""
    most_cut_outline_share: _Part = 0.1
    """A larger share of the body's outline at the edge of the field of view is a warning
    (`truncated-fov`)."""
    most_metal_share: _Part = 0.0001
    """A larger share of voxels above 3000 HU is a warning (`metal`): 3 ml in a scan of the
    chest."""
    most_noise_hu: PositiveFloat = 60.0
    """Noise above this is a warning (`noisy`): muscle and fat lie 150 HU apart."""
    severities: dict[str, Literal["info", "warn", "reject"]] = {}
    """Severity of single codes, such as `{truncated-fov: reject, metal: info}`."""
    ignore: list[str] = []
    """Codes that are left out altogether, such as `[contrast]`."""

    @model_validator(mode="after")
    def _check_order(self) -> "QualitySettings":
        for name in ("air_hu", "soft_tissue_hu"):
            low, high = getattr(self, name)
            if not low < high:
                raise ValueError(f"{name}: the lowest value comes first, got [{low:g}, {high:g}]")
        return self
