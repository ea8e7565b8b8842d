"""Windows of Hounsfield units as the channels of an image, by name or in a user's own words."""

from collections.abc import Mapping

from mmfeat.encoders.options import nearest
from mmfeat.encoders.preparing.preparation import Range
from mmfeat.errors import EncoderError
from mmfeat.preprocessing.intensity import window_of

STANDARDISED = "standardised"
"""No windows: units from that of air up, standardised in each slice by itself."""
_LUNG = window_of(-600, 1500)
_MEDIASTINUM = window_of(40, 400)
_BONE = window_of(400, 1800)
PRESETS: Mapping[str, Mapping[str, Range]] = {
    "lung-mediastinum-bone": {"lung": _LUNG, "mediastinum": _MEDIASTINUM, "bone": _BONE},
    "medsiglip": {"wide": (-1024, 1024), "soft tissue": (-135, 215), "brain": (0, 80)},
    "wide": {"wide": (-1000, 1000)},
    "lung": {"lung": _LUNG},
    "mediastinum": {"mediastinum": _MEDIASTINUM},
    "bone": {"bone": _BONE},
    "brain": {"brain": window_of(40, 80)},
}
"""Windows by the names that options have for them: the lowest and the highest unit of each."""


def windows_of(text: str) -> Mapping[str, Range] | None:
    """Return the windows that an option names, in the order of the channels; None: standardised.

    Args:
        text: A preset, or windows by centre and width, such as ``"-600/1500, 40/400"``.

    Raises:
        EncoderError: It is neither, or names a window twice.

    Example:
        >>> windows_of("-600/1500, 40/400")
        {'-600/1500': (-1350.0, 150.0), '40/400': (-160.0, 240.0)}
    """
    if text == STANDARDISED:
        return None
    if text in PRESETS:
        return PRESETS[text]
    windows: dict[str, Range] = {}
    for part in (part.strip() for part in text.split(",")):
        if part in windows:
            raise EncoderError(
                f"`windows_hu`: `{part}` is named twice in `{text}`; one window alone is repeated "
                "for every channel"
            )
        windows[part] = _window(part, text)
    return windows


def _window(part: str, text: str) -> Range:
    centre, slash, width = part.partition("/")
    try:
        window = window_of(float(centre), float(width))
    except ValueError:
        window = (0.0, 0.0)
    if not slash or not -1e6 < window[0] < window[1] < 1e6:  # neither infinite nor not a number
        known = dict.fromkeys((*PRESETS, STANDARDISED))
        raise EncoderError(
            f"`windows_hu`: `{text}` is neither one of {', '.join(known)} nor centre/width of each "
            f"channel's window, such as `-600/1500, 40/400`; {nearest(text, known)}".rstrip("; ")
        )
    return window
