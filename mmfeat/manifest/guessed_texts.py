"""Guess which columns hold free text, and which hold what only names somebody."""

import re
from statistics import median

from mmfeat.config.guess import Guess
from mmfeat.manifest.column_profile import ColumnProfile

_FEWEST_WORDS = 4
"""Words of half the cells from which on a column is taken for text rather than for names."""
_FEWEST_CELLS = 10
_MOST_SHARED = 0.5
"""Different values as a share of the cells, from which on it is more than a list of choices."""
_WORD = re.compile(r"[^\W\d_]{2,}")
"""Two letters or more, of any alphabet."""
_PERSON_WORDS = ("name", "surname", "address", "street", "phone", "email", "contact", "physician")


def guess_text(profile: ColumnProfile) -> Guess | None:
    """Return the settings of a column of short free text, or None.

    Its cells are nearly all different, and of several words.
    """
    n_known = len(profile.cells)
    if n_known < _FEWEST_CELLS or profile.named(_PERSON_WORDS):
        return None
    if len(profile.labels) <= _MOST_SHARED * n_known:
        return None
    n_words = median(len(_WORD.findall(cell)) for cell in profile.cells)
    if n_words < _FEWEST_WORDS:
        return None
    reason = (
        f"free text of {n_words:g} words, {len(profile.labels)} different in {n_known} rows; are "
        'there no names or numbers of patients in it? it needs pip install "mmfeat[text]"'
    )
    return Guess({"type": "text"}, reason, profile.evidence("no input"))
