"""What is said of embeddings: duplicates over a split, origins, repeats, and the map."""

import numpy as np
import pytest

from mmfeat.report import ResultOptions
from mmfeat.report.embedded_cases import EmbeddedCases
from mmfeat.report.embeddings import embedding_warnings, embeddings_block

N = 120
OPTIONS = ResultOptions(n_resamples=100)


@pytest.fixture(scope="module")
def cases():
    """Patients with two cases each, two sites, two folds whose test parts are halves."""
    patients = tuple(f"p{number // 2:02d}" for number in range(N))
    is_test = np.stack([np.arange(N) < N // 2, np.arange(N) >= N // 2])
    sites = ["north" if number // 2 % 2 else "south" for number in range(N)]
    return EmbeddedCases(
        tuple(f"c{number:03d}" for number in range(N)),
        patients,
        is_test,
        ~is_test,
        {"site": sites, "kernel": ["B30f"] * N},
        {("cancer", ""): np.where(np.arange(N) % 3, 0.0, 1.0)},
    )


@pytest.fixture(scope="module")
def vectors():
    """Embeddings of patients with noise of their own; the site shows in one column."""
    random = np.random.default_rng(0)
    of_patients = np.repeat(random.normal(size=(N // 2, 16)), 2, axis=0)
    values = of_patients + 0.3 * random.normal(size=(N, 16))
    values[:, 0] += 4.0 * (np.arange(N) // 2 % 2)
    values[100] = values[3]  # another patient, another fold
    values[11] = values[10]  # the same patient
    values[20] = values[2]  # another patient, the same fold
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def block(cases, vectors):
    return embeddings_block(vectors, np.ones(N, bool), cases, OPTIONS)


def test_a_copy_on_two_sides_of_a_split_is_a_warning(block):
    found = block["near_duplicates"]
    numbers = {name: found[name] for name in found if name.startswith("n_pairs")}
    assert numbers == {"n_pairs": 3, "n_pairs_other_patient": 2, "n_pairs_across_split": 1}
    worst = found["pairs"][0]
    assert worst["cases"] == ["c003", "c100"]
    assert worst["across_split"] == [0, 1]
    assert not worst["same_patient"]
    assert [pair["across_split"] for pair in found["pairs"][1:]] == [[], []]
    (warning,) = embedding_warnings("ct", block)
    assert "in 1 pair of cases of different patients" in warning
    assert "`c003` and `c100`" in warning


def test_the_site_is_told_from_the_embedding_and_one_kernel_is_none(block):
    site, kernel = block["predictable"]
    assert (site["name"], site["n_groups"], site["chance"]) == ("site", 2, 0.5)
    assert site["auroc"]["low"] > 0.9
    assert site["balanced_accuracy"]["point"] > 0.85
    (association,) = site["associated_with"]
    assert association["target"] == "cancer"
    assert association["p"] > 0.05
    assert kernel == {
        "name": "kernel",
        "n_groups": 1,
        "reason": "fewer than two of them have 10 cases",
    }


def test_repeated_scans_are_alike(block):
    found = block["test_retest"]
    assert (found["n_patients"], found["n_pairs"], found["n_scans"]) == (N // 2, N // 2, N)
    assert found["median_icc"] == pytest.approx(1 / 1.09, abs=0.06)
    assert found["found_again"] > 0.9 > found["found_by_chance"]
    assert found["distance_same"] < found["distance_other"]


def test_the_map_has_a_place_and_colours_for_each_case(block, cases):
    found = block["map"]
    assert found["cases"] == list(cases.case_ids)
    assert len(found["x"]) == len(found["y"]) == N
    assert found["explained"][0] >= found["explained"][1] > 0
    assert found["colours"]["site"] == list(cases.origins["site"])
    assert found["colours"]["cancer"][:3] == [1.0, 0.0, 0.0]


def test_only_cases_that_have_the_modality_are_looked_at(cases, vectors):
    has = np.arange(N) % 2 == 0
    found = embeddings_block(np.where(has[:, None], vectors, 0), has, cases, OPTIONS)
    assert found["n"] == N // 2
    assert found["test_retest"] == {"reason": "no patient has two cases with it"}
    assert found["near_duplicates"]["n_pairs"] == 1
    assert embeddings_block(vectors, np.arange(N) == 3, cases, OPTIONS) == {
        "reason": "1 cases have it"
    }


def test_features_that_hardly_differ_are_a_warning(cases):
    line = np.random.default_rng(0).normal(size=(N, 1)) * np.ones((1, 12))
    found = embeddings_block(line.astype(np.float32), np.ones(N, bool), cases, OPTIONS)
    assert found["collapsed"]
    assert found["effective_rank"] == pytest.approx(1.0, abs=0.05)
    (warning,) = embedding_warnings("ct", {**found, "near_duplicates": {}})
    assert "hardly differ between cases (effective rank 1.0 of 12 columns)" in warning


def test_few_columns_have_a_reason_and_no_warning(cases):
    values = np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32)
    found = embeddings_block(values, np.ones(N, bool), cases, OPTIONS)
    assert "only 4 columns vary" in found["near_duplicates"]["reason"]
    assert embedding_warnings("ct", found) == []
