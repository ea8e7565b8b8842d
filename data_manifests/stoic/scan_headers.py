"""Read what the header of a STOIC scan says of its patient."""

from collections.abc import Callable
from pathlib import Path

from mmfeat.errors import CohortError, VolumeError
from mmfeat.volumes.metaimage_header import read_metaimage_header

from ..dicom_words import SEXES, age_in_years


def age_and_sex(scan: Path) -> tuple[str | None, str | None]:
    """Return the age in years and the sex that stand in a scan's header, None where unknown.

    Raises:
        CohortError: The file is no MetaImage, or says either in a way that is not known.
    """
    try:
        fields = read_metaimage_header(scan).fields
    except (VolumeError, OSError) as error:
        raise CohortError(f"{error}; download the scan again") from error
    age = _value(scan, "PatientAge", fields.get("PatientAge", ""), age_in_years)
    code = fields.get("PatientSex", "")
    if code and code not in SEXES:
        raise _unknown(scan, "PatientSex", code, f"one of {', '.join(SEXES)}")
    return age, SEXES.get(code)


def _value(scan: Path, key: str, text: str, read: Callable[[str], str | None]) -> str | None:
    if not text:
        return None
    value = read(text)
    if value is None:
        raise _unknown(scan, key, text, "an age such as 065Y")
    return value


def _unknown(scan: Path, key: str, text: str, known: str) -> CohortError:
    return CohortError(
        f"{scan}: its header says {key} `{text[:40]}`, which is not {known}; take the scan out of "
        "the folder if you cannot tell what is meant"
    )
