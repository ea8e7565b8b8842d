"""Guess how a column of numbers is spelled: decimals, thousands, units, limits, missing values."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from mmfeat.config.guess import Evidence, Guess
from mmfeat.config.number_cells import NumberCell, number_parser
from mmfeat.config.record_columns import NumericColumn
from mmfeat.manifest.column_profile import ColumnProfile
from mmfeat.wording import first_few

_SPELLINGS: tuple[dict[str, str], ...] = (
    {},
    {"decimal": ","},
    {"thousands": ","},
    {"decimal": ",", "thousands": "."},
    {"thousands": "'"},
    {"thousands": " "},
    {"decimal": ",", "thousands": " "},
)
"""Every way of writing numbers that is tried, the usual ones first."""
_LIMIT = re.compile(r"[<>≤≥]=?")
_UNIT = re.compile(r"[0-9.,]\s*([^0-9\s.,'<>≤≥+-][^0-9<>≤≥]{0,11})")
_SENTINELS = (-1, -9, -99, -999, -9999, 9, 99, 999, 9999)
_MOST_OTHERS, _FEW_TEXTS = 0.1, 5
"""Share of cells that are no numbers, and how many texts, up to which it is one of numbers."""


def guess_spelling(profile: ColumnProfile) -> Guess | None:
    """Return the settings of a column of numbers that are not all spelled plainly, or None.

    A few texts that are no numbers are taken to say that nothing is known.
    """
    texts = Counter(profile.cells)
    ways = _ways(texts)
    read = [_read(texts, way) for way in ways]
    counts = [sum(texts[text] for text in cells) for cells in read]
    most = max(counts)
    way, cells = ways[counts.index(most)], read[counts.index(most)]
    others = [text for text in texts if text not in cells]
    if len(others) > _FEW_TEXTS or texts.total() - most > _MOST_OTHERS * texts.total():
        return None
    if len({cell.value for cell in cells.values()}) < 2:
        return None
    guess = plain_numbers([cells[text].value for text in texts.elements() if text in cells])
    value, rivals = {**guess.value, **way}, list(guess.evidence.rivals if guess.evidence else ())
    questions = [guess.reason + _limits_in_words(cells)]
    if others:
        value["missing"] = [*value.get("missing", []), *others]
        questions.append(f"is {' or '.join(f'`{text}`' for text in others)} missing?")
        rivals.append("texts that say something")
    same = [other for other, count in zip(read, counts, strict=True) if count == most]
    if meaning := _other_meaning(cells, same):
        questions.append(meaning)
        rivals.append("another spelling of numbers")
    evidence = profile.evidence(*rivals, n_others=texts.total() - most)
    return Guess(value, "; ".join(questions), evidence)


def plain_numbers(numbers: Sequence[float]) -> Guess:
    """Return the settings of a column of numbers, one of which may mean missing."""
    sentinel = sentinel_of(numbers)
    known = [number for number in numbers if number != sentinel]
    span = f"{min(known):g} to {max(known):g}"
    if sentinel is None:
        return Guess({"type": "numeric"}, span, Evidence(len(numbers), len(numbers)))
    value = {"type": "numeric", "missing": [sentinel]}
    reason = f"{span}; is {sentinel} missing? it is there {len(numbers) - len(known)} times"
    return Guess(value, reason, Evidence(len(numbers), len(numbers), (f"{sentinel} is a value",)))


def sentinel_of(numbers: Sequence[float]) -> int | None:
    """Return a number that may stand for a missing one: repeated, and far from all others."""
    for sentinel in _SENTINELS:
        others = [number for number in numbers if number != sentinel]
        if len(others) < 2 or len(numbers) - len(others) < 2:
            continue
        low, high = min(others), max(others)
        margin = (high - low) / 2
        is_far = not low - margin <= sentinel <= high + margin
        if is_far or sentinel < 0 <= low:
            return sentinel
    return None


def _ways(texts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the settings under which the texts may be numbers, beside spelling the same for all.

    A unit is taken only where there is one: of two, nobody but the user knows the factor.
    """
    more: dict[str, Any] = {}
    if any(map(_LIMIT.match, texts)):
        more["limits"] = "limit"
    units = {found[1].strip() for text in texts if (found := _UNIT.search(text))}
    if len({unit.lower() for unit in units}) == 1:
        more["unit"] = max(sorted(units), key=lambda unit: sum(unit in text for text in texts))
    return [{**spelling, **more} for spelling in _SPELLINGS]


def _read(texts: Mapping[str, int], way: Mapping[str, Any]) -> dict[str, NumberCell]:
    """Return what each text says that is a number under these settings."""
    parse = number_parser(NumericColumn(type="numeric", **way))
    cells = {}
    for text in texts:
        with suppress(ValueError):  # it is none
            cells[text] = parse(text)
    return cells


def _limits_in_words(cells: Mapping[str, NumberCell]) -> str:
    limits = [text for text, cell in cells.items() if cell.side]
    return f", with limits such as {first_few(limits, 3)}" if limits else ""


def _other_meaning(
    cells: Mapping[str, NumberCell], same: Sequence[Mapping[str, NumberCell]]
) -> str | None:
    """Ask where texts are other numbers under another spelling that reads as many of them."""
    for others in same:
        for text, cell in cells.items():
            if text in others and others[text] != cell:
                return f"is `{text}` {cell.value:g} or {others[text].value:g}?"
    return None
