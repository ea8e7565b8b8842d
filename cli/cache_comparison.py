"""What ``mmfeat cache diff`` prints."""

from typing import TYPE_CHECKING

from mmfeat.wording import first_and_more

from .cache_tables import say, table
from .console import console

if TYPE_CHECKING:
    from mmfeat.cache.comparing import CacheComparison, NumericComparison

_SHOWN_CASES = 5


def show_comparison(found: "CacheComparison", tolerance: float) -> None:
    """Print how two cache folders differ, and the verdict."""
    say(f"A: {found.left}")
    say(f"B: {found.right}")
    for difference in found.recipe_differences:
        say(f"recipe: {difference}; there is A, here is B")
    if not found.recipe_differences:
        say("recipe: the same")
    say(f"cases: {found.n_common_cases} in both")
    for words, cases in (
        ("only in A", found.only_left),
        ("only in B", found.only_right),
        ("in both, of other scans or other versions of them", found.other_scans),
    ):
        if cases:
            say(f"  {len(cases)} {words}: {first_and_more(cases, _SHOWN_CASES)}")
    if found.numbers is not None:
        _show_numbers("features", found.numbers)
        if found.tokens is not None:
            _show_numbers("tokens, all of a scan as one", found.tokens)
    elif found.widths[0] != found.widths[1]:
        say(f"features: {found.widths[0]} values in A and {found.widths[1]} in B, not comparable")
    else:
        say("features: no scan is in both")
    verdict = "equal" if found.equal_within(tolerance) else "not equal"
    say(f"{verdict} within {tolerance:g} of the largest value")


def _show_numbers(what: str, numbers: "NumericComparison") -> None:
    say(
        f"{what}: {numbers.n_pairs} of the same scan, {numbers.n_bit_equal} of them equal bit "
        f"for bit; largest difference {numbers.largest:.3g}, {numbers.relative:.1e} of the largest "
        f"value; cosine {numbers.cosine_min:.9f} at least, median {numbers.cosine_median:.9f}"
    )
    if numbers.worst:
        rows = [
            (one.case_id, f"{one.relative:.1e}", f"{one.largest:.3g}", f"{one.cosine:.9f}")
            for one in numbers.worst
        ]
        headings = ("differ most", "of the largest value", "largest difference", "cosine")
        console.print(table(headings, rows, n_texts=1))
