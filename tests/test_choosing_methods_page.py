"""The numbers of docs/choosing-methods.md are those of docs/method-benchmarks.csv."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "choosing-methods.md").read_text()
BENCHMARKS = (DOCS / "method-benchmarks.md").read_text()


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, float]]:
    """AUROC of each method by cohort, all modalities seen."""
    found = defaultdict(lambda: defaultdict(dict))
    with (DOCS / "method-benchmarks.csv").open() as stream:
        for row in csv.DictReader(stream):
            if row["availability"] != "as they come":
                of_cohort = found[row["cohort"]]
                of_cohort[row["availability"]][row["method"]] = float(row["mean"])
    return {
        cohort: sets[max(sets, key=lambda name: name.count("+"))] for cohort, sets in found.items()
    }


def _compared_methods() -> list[str]:
    (head,) = re.findall(
        r"^## All modalities seen\n\n\| cohort \|(.*)\|$", BENCHMARKS, re.MULTILINE
    )
    return re.findall(r"`([\w-]+)`", head)


def test_how_far_behind_the_best_each_method_is(measured):
    methods = _compared_methods()
    values = np.array([[of_cohort[name] for name in methods] for of_cohort in measured.values()])
    behind = values.max(axis=1, keepdims=True) - values  # (cohorts, methods)
    rows = []
    for column in np.argsort(behind.mean(axis=0), kind="stable"):
        worst = behind[:, column].argmax()
        most = f"{behind[worst, column]:.3f} ({list(measured)[worst]})"
        rows.append(f"| `{methods[column]}` | {behind[:, column].mean():.3f} | {most} |")
    assert "\n".join(rows) in PAGE, "the rows are now:\n" + "\n".join(rows)
    assert f"{len(measured)} cohorts, fourteen methods" in PAGE
    assert len(methods) == 14


def test_each_number_by_what_data_are_like_is_of_a_cohort_of_its_row(measured):
    (table,) = re.findall(r"^\| your cohort \|.*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    n_checked = 0
    for line in table.strip().splitlines()[2:]:
        first, seen, *_ = line.strip("| ").split(" | ")
        cohorts = [name for name in re.findall(r"`([\w-]+)`", first) if name in measured]
        assert cohorts, line
        for method, numbers in re.findall(r"`([\w-]+)` (0\.\d{3}(?: and 0\.\d{3})*)", seen):
            found = {f"{measured[cohort][method] + 1e-9:.3f}" for cohort in cohorts}
            assert set(numbers.split(" and ")) <= found, f"{line}: {method} is {found}"
            n_checked += 1
    assert n_checked > 10


def test_the_gain_of_trees_where_gaps_tell_the_illness_is_as_stated(measured):
    of_cohort = measured["gaps-by-illness"]
    (stated,) = re.findall(r"`boosting` is ahead by (0\.\d{3})", PAGE)
    assert f"{of_cohort['boosting'] - of_cohort['mmfeat']:.3f}" == stated


def test_linear_models_are_as_near_to_the_best_of_real_tables_as_stated(measured):
    ((names, most),) = re.findall(r"^\| a table of.*?\((.+?)\).* within (0\.\d\d) of", PAGE, re.M)
    for cohort in re.findall(r"`([\w-]+)`", names):
        of_cohort = measured[cohort]
        best = max(of_cohort.values())
        assert best - min(of_cohort["logistic"], of_cohort["average"]) <= float(most)


def test_seconds_are_those_of_the_benchmarks():
    (line,) = re.findall(r"^Mean seconds of a core.*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    seconds = dict(
        re.findall(r"^\| `([\w-]+)` \| (\d+\.\d) \| \d+\.\d \|$", BENCHMARKS, re.MULTILINE)
    )
    stated = re.findall(r"`([\w-]+)` (\d+\.\d)\b", line)
    assert len(stated) == 7
    assert all(seconds[name] == value for name, value in stated)
    assert float(seconds["average"]) < 0.1 > float(seconds["logistic"])
