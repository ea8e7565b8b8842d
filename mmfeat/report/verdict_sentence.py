"""Verdicts in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmfeat.report.wording import availability_name, p_value, with_interval

YES, NO, NOT_SHOWN = "yes", "no", "not shown"
AVERAGE = "average"
"""The method that takes the mean of models of single modalities."""


def is_average(method: str) -> bool:
    """Say whether a method is the average, whatever record encoder or group it stands for."""
    return method.split("@")[0].split("~")[0] == AVERAGE


def answer_of(gains: Sequence[Mapping[str, Any]]) -> str:
    """Return yes if every interval is above zero, no if one is below, else that it is not shown."""
    if any(gain["high"] is not None and gain["high"] < 0 for gain in gains):
        return NO
    return YES if all(gain["low"] is not None and gain["low"] > 0 for gain in gains) else NOT_SHOWN


def verdict_sentence(verdict: Mapping[str, Any], modalities: Sequence[str], metric: str) -> str:
    """Say the verdict of one target in one line."""
    start = {YES: "Yes", NO: "No", NOT_SHOWN: "Not shown"}[verdict["answer"]]
    have = ", ".join(modalities[:-1]) + f" and {modalities[-1]}"
    value = f"{metric} {verdict['value']['point']:.3f} on {verdict['n']} cases with {have}"
    names = {"single": "the best single modality", "average": "the average of both"}
    if len(modalities) > 2:
        names["average"] = "the average of all modalities"
    parts = [_against(verdict[name], words, modalities) for name, words in names.items()]
    return f"{start}: fusion by {verdict['method']} ({value}) {', and '.join(parts)}."


def _against(part: Mapping[str, Any], words: str, modalities: Sequence[str]) -> str:
    """Say how fusion compares with the best rival, and with another one if that decides."""
    if "best" not in part:
        return f"cannot be compared with {words}: {part['reason']}"
    best, against = part["best"], part["against"]
    of_best = next(one for one in against if _rival(one, modalities) == _rival(best, modalities))
    known = f"{_rival(best, modalities)}, {best['value']:.3f}"
    said = f"{_comparison(of_best['difference'])} {words} ({known}), {_numbers(of_best)}"
    if answer_of([of_best["difference"]]) == part["answer"]:
        return said
    decides = next(one for one in against if answer_of([one["difference"]]) == part["answer"])
    other = f"{_comparison(decides['difference'])} {_rival(decides, modalities)}"
    return f"{said}, but {other}, {_numbers(decides)}"


def _rival(key: Mapping[str, Any], modalities: Sequence[str]) -> str:
    """Return how a set of predictions is called; that of everything by its method."""
    if key["availability"] not in modalities:
        return str(key["method"])
    return f"{availability_name(key['availability'], modalities)} by {key['method']}"


def _comparison(gain: Mapping[str, Any]) -> str:
    answer = answer_of([gain])
    return {YES: "beats", NO: "is worse than", NOT_SHOWN: "does not clearly differ from"}[answer]


def _numbers(one: Mapping[str, Any]) -> str:
    gain = one["difference"]
    size = f"difference {with_interval(gain, signed=True)}"
    return size if gain["p"] is None else f"{size}, {p_value(gain['p'])}"


def whole_sentence(answers: Mapping[str, str]) -> str:
    """Say the verdict of a run of several targets in one line."""
    said = [
        f"{answer} for {', '.join(name for name, one in answers.items() if one == answer)}"
        for answer in (YES, NO, NOT_SHOWN)
        if answer in answers.values()
    ]
    text = "; ".join(said)
    return (
        "Does fusion beat the best single modality and the average of single models? "
        f"{text[0].upper()}{text[1:]}."
    )
