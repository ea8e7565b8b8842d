"""Does fusion beat the best single modality, and the average of all: yes, no or not shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmfeat.metrics.holm import holm
from mmfeat.report.headline import headline_of
from mmfeat.report.paired_tests import PairedTests, adjusted
from mmfeat.report.verdict_sentence import (
    NO,
    NOT_SHOWN,
    YES,
    answer_of,
    is_average,
    verdict_sentence,
    whole_sentence,
)

_NO_AVERAGE = "method `average` was not trained; add it to train.methods"
_IS_AVERAGE = "the first method is the average itself; name a method of fusion first"
_ONE_MODALITY = "there is only one modality"


Key = tuple[str, str]
"""A method and an availability."""


def no_verdict(reason: str) -> dict[str, Any]:
    """Return the verdict of a target for which nothing can be said."""
    part = {"answer": NOT_SHOWN, "reason": reason}
    return {
        **dict.fromkeys(("method", "availability", "metric", "value")),
        **dict.fromkeys(("n", "n_patients"), 0),
        "answer": NOT_SHOWN,
        "sentence": f"Not shown: {reason}.",
        "single": part,
        "average": part,
        "p": None,
        "p_holm": None,
        "reason": reason,
    }


def verdict_of(
    tests: PairedTests[Key],
    values: Mapping[Key, Mapping[str, Any]],
    *,
    fused: Key,
    modalities: Sequence[str],
    kind: str,
) -> dict[str, Any]:
    """Return the verdict of one target.

    Fusion has to beat every single modality by every method, so that the best needs not be picked
    from the very cases that it is judged by: an intersection-union test, whose p-value is the
    largest of all and needs no correction (Berger, Technometrics 1982).

    Args:
        tests: Of all sets of predictions, on the cases that have everything.
        values: Each set's first metric as an estimate, by method and availability.
        fused: The default method with all modalities.
        modalities: Names of all modalities, in order.
        kind: Kind of the target.
    """
    if len(modalities) < 2:
        return no_verdict(_ONE_MODALITY)
    value = values[fused]
    if value["point"] is None:
        return no_verdict(str(value["reason"]))
    full = fused[1]
    single = [key for key in values if key[1] in modalities]
    average = [key for key in values if key[1] == full and is_average(key[0])]
    compared = {
        "single": _part(tests, values, fused=fused, against=single, reason="no single modality"),
        "average": _part(
            tests,
            values,
            fused=fused,
            against=[] if fused in average else average,
            reason=_IS_AVERAGE if fused in average else _NO_AVERAGE,
        ),
    }
    answers = [part["answer"] for part in compared.values()]
    answer = NO if NO in answers else YES if set(answers) == {YES} else NOT_SHOWN
    gains = [one["difference"] for part in compared.values() for one in part.get("against", ())]
    verdict = {
        "answer": answer,
        "method": fused[0],
        "availability": full,
        "metric": headline_of(kind).metric,
        "value": dict(value),
        "n": value["n"],
        "n_patients": value["n_patients"],
        **compared,
        "p": _largest_p(gains) if all("against" in one for one in compared.values()) else None,
        "p_holm": None,
        "reason": None,
    }
    return {**verdict, "sentence": verdict_sentence(verdict, modalities, headline_of(kind).name)}


def _part(
    tests: PairedTests[Key],
    values: Mapping[Key, Mapping[str, Any]],
    *,
    fused: Key,
    against: Sequence[Key],
    reason: str,
) -> dict[str, Any]:
    """Return how fusion compares with each rival, and whether it beats them all."""
    rivals = [key for key in against if values[key]["point"] is not None]
    if not rivals:
        return {"answer": NOT_SHOWN, "reason": reason}
    best = max(rivals, key=lambda key: float(values[key]["point"]))
    family = adjusted([tests.of(fused, key) for key in rivals], "verdict")
    compared: list[dict[str, Any]] = [
        {
            "method": key[0],
            "availability": key[1],
            "difference": tests.difference(fused, key),
            "tests": of_key,
        }
        for key, of_key in zip(rivals, family, strict=True)
    ]
    return {
        "answer": answer_of([one["difference"] for one in compared]),
        "best": {"method": best[0], "availability": best[1], "value": values[best]["point"]},
        "against": compared,
    }


def _largest_p(gains: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the p-value of beating all: the largest of those of single rivals.

    A rival that fusion is not above at all has none to give, whatever its own test says.
    """
    if any(gain["p"] is None for gain in gains):
        return None
    return max(float(gain["p"]) if gain["point"] > 0 else 1.0 for gain in gains)


def whole_verdict(verdicts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the verdict of the run: yes if it is yes for every target, no if for one it is no."""
    answers = {target: str(one["answer"]) for target, one in verdicts.items()}
    found = set(answers.values())
    answer = NO if NO in found else YES if found == {YES} else NOT_SHOWN
    if len(verdicts) == 1:
        (sentence,) = (str(one["sentence"]) for one in verdicts.values())
    else:
        sentence = whole_sentence(answers)
    return {"answer": answer, "sentence": sentence, "targets": answers}


def over_targets(verdicts: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """Return each target's p-value, adjusted by Holm's method over the targets of the run."""
    adjusted_p = holm([one["p"] for one in verdicts.values()])
    return dict(zip(verdicts, adjusted_p, strict=True))
