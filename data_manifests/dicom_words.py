"""Read ages and sexes as DICOM headers write them."""

import re

_AGE = re.compile(r"(\d{1,3})([DWMY]?)", re.ASCII)
_PER_YEAR = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0, "": 1.0}

SEXES = {"M": "male", "F": "female", "O": None}
"""What the values of PatientSex mean; of O, for other, nothing is learnt."""


def age_in_years(text: str) -> str | None:
    """Return an age in years as text, or None where it is not written as DICOM writes ages.

    Example:
        >>> age_in_years("036Y"), age_in_years("65"), age_in_years("018M"), age_in_years("old")
        ('36', '65', '1.5', None)
    """
    found = _AGE.fullmatch(text.strip())
    if found is None:
        return None
    return f"{int(found[1]) / _PER_YEAR[found[2]]:.4g}"
