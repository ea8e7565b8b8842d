"""Keep pydicom's warnings about sloppy files out of the user's sight; they stay in its log."""

import re
import threading
import warnings

_LOCK = threading.Lock()
_MODULES = re.compile(r"pydicom\.")
_FILTER = ("ignore", None, UserWarning, _MODULES, 0)


def silence_pydicom() -> None:
    """Have Python ignore the warnings that pydicom raises about files that break the standard.

    pydicom sends each of them to the logger ``pydicom`` as well, so nothing is lost for debugging,
    and what matters is checked by us. ``warnings.catch_warnings`` would swap the filters
    of all threads back and forth, so one filter for pydicom's modules is added for good, and again
    if somebody has reset the filters.
    """
    if _FILTER in warnings.filters:
        return
    with _LOCK:
        if _FILTER not in warnings.filters:
            warnings.filterwarnings("ignore", category=UserWarning, module=_MODULES.pattern)
