import pytest

from mmfeat.report.verdict_sentence import answer_of, is_average, verdict_sentence


def _gain(low, high, p=0.03):
    return {"point": (low + high) / 2, "low": low, "high": high, "p": p}


def _part(*gains, full=False):
    names = [("mmfeat", "a"), ("paper", "b")] if not full else [("average", "a+b")]
    against = [
        {"method": method, "availability": seen, "difference": gain}
        for (method, seen), gain in zip(names, gains, strict=False)
    ]
    best = {**{name: against[0][name] for name in ("method", "availability")}, "value": 0.7}
    return {"answer": answer_of(gains), "best": best, "against": against}


def _said(single, average, modalities=("a", "b"), answer=None):
    answers = {single["answer"], average["answer"]}
    found = answer or ("no" if "no" in answers else "yes" if answers == {"yes"} else "not shown")
    verdict = {
        "answer": found,
        "method": "mmfeat",
        "availability": "+".join(modalities),
        "value": {"point": 0.8},
        "n": 90,
        "single": single,
        "average": average,
    }
    return verdict_sentence(verdict, modalities, "AUROC")


@pytest.mark.parametrize(
    ("gains", "answer"),
    [
        ([(0.01, 0.2)], "yes"),
        ([(0.0, 0.2)], "not shown"),
        ([(0.01, 0.2), (-0.1, 0.2)], "not shown"),
        ([(0.01, 0.2), (-0.2, -0.1)], "no"),
        ([(None, None)], "not shown"),
    ],
)
def test_the_answer_is_that_of_the_intervals(gains, answer):
    assert answer_of([{"low": low, "high": high} for low, high in gains]) == answer


def test_a_yes_names_the_best_rival_with_numbers():
    said = _said(_part(_gain(0.01, 0.09)), _part(_gain(0.02, 0.1), full=True))
    assert said == (
        "Yes: fusion by mmfeat (AUROC 0.800 on 90 cases with a and b) beats the best single "
        "modality (a alone by mmfeat, 0.700), difference +0.050 [0.010, 0.090], p = 0.030, and "
        "beats the average of both (average, 0.700), difference +0.060 [0.020, 0.100], p = 0.030."
    )


def test_the_rival_that_decides_is_named_too():
    single = _part(_gain(0.01, 0.09), _gain(-0.05, 0.3, p=0.2))
    said = _said(single, _part(_gain(0.02, 0.1), full=True))
    assert said.startswith("Not shown: ")
    assert "beats the best single modality (a alone by mmfeat, 0.700)" in said
    assert "but does not clearly differ from b alone by paper, difference +0.125" in said


def test_a_loss_is_called_one():
    said = _said(_part(_gain(-0.09, -0.01)), _part(_gain(0.02, 0.1), full=True))
    assert said.startswith("No: ")
    assert "is worse than the best single modality" in said


def test_several_modalities_are_not_called_both():
    nothing = {"answer": "not shown", "reason": "no average"}
    said = _said(_part(_gain(0.01, 0.09)), nothing, modalities=("a", "b", "c"))
    assert "on 90 cases with a, b and c)" in said
    assert said.endswith("cannot be compared with the average of all modalities: no average.")


def test_variants_of_the_average_are_averages():
    names = ["average", "average@plr", "average~joint", "averaged", "mmfeat"]
    assert [is_average(name) for name in names] == [True, True, True, False, False]
