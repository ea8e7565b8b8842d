"""Which modalities look at a point in each scan, and what of the tables is used for it."""

from collections.abc import Mapping
from dataclasses import replace

from mmfeat import encoders
from mmfeat.config.modalities import Modality, VolumeModality
from mmfeat.config.regions import MaskColumn, PointColumns
from mmfeat.errors import ConfigError
from mmfeat.manifest.cohort import CaseScan, Cohort
from mmfeat.volumes import PointRules
from mmfeat.wording import first_few, ticked

_SHOWN_CASES = 5


def point_rules_of(modality: VolumeModality) -> PointRules | None:
    """Return how the points of a modality are found; None where its encoder does not look at one.

    Raises:
        EncoderError: There is no encoder of that name.
        ConfigError: The encoder needs a point, and the settings name none.
    """
    if not encoders.needs_point(modality.encoder):
        return None
    match modality.region:
        case PointColumns():
            return PointRules("point")
        case MaskColumn(label=label, part=part):
            return PointRules("mask", label, part)
        case None:
            raise ConfigError(
                f"encoder {modality.encoder}: needs a point of interest in each scan; name the "
                "columns of its coordinates by `point`, or that of a mask by `mask`, in the "
                "settings of the modality"
            )


def with_points_in_use(cohort: Cohort, modalities: Mapping[str, Modality]) -> Cohort:
    """Leave out the points that no encoder looks at, and say so; say whose points are missing.

    A feature then depends on a point where its encoder does, and nowhere else: scans that differ in
    nothing but their points are one.

    Raises:
        EncoderError: There is no encoder of a name in the settings.
        ConfigError: An encoder needs a point, and the settings name none.
    """
    sources, notes = dict(cohort.sources), list(cohort.notes)
    for name, modality in modalities.items():
        if not isinstance(modality, VolumeModality) or name not in sources:
            continue
        rules = point_rules_of(modality)
        if rules is not None:
            notes += _missing_points(name, cohort)
        elif modality.region is not None:
            sources[name] = tuple(map(_whole_scans, sources[name]))
            what = "point" if modality.point is not None else "mask"
            notes.append(
                f"`{name}`: `{what}` is not used, for encoder {modality.encoder} looks at all of a "
                "scan"
            )
    return replace(cohort, sources=sources, notes=tuple(notes))


def _missing_points(name: str, cohort: Cohort) -> list[str]:
    cases = [
        case_id
        for case_id, scans in zip(cohort.case_ids, cohort.sources[name], strict=True)
        if any(scan.region is None for scan in scans)
    ]
    if not cases:
        return []
    return [
        f"`{name}`: cases with a scan that has no point of interest, which cannot be embedded: "
        f"{len(cases)} ({first_few(ticked(cases), _SHOWN_CASES)})"
    ]


def _whole_scans(scans: tuple[CaseScan, ...]) -> tuple[CaseScan, ...]:
    firsts: dict[object, CaseScan] = {}
    for scan in scans:
        firsts.setdefault(scan.path, replace(scan, region=None))
    return tuple(firsts.values())
