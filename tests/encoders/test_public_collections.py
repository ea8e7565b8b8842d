"""Collections are known by their names, by what they share, and by ids that only they give."""

import re

import pytest

from mmfeat.encoders.public_collections import (
    COLLECTIONS,
    collection_named,
    collections_of_ids,
    nearest_collection,
    share_scans,
)

NAMES = [collection.name for collection in COLLECTIONS]


def test_every_name_means_one_collection_and_what_holds_it_is_known():
    spelt = [
        re.sub(r"[^a-z0-9]", "", name.lower())
        for collection in COLLECTIONS
        for name in (collection.name, *collection.also)
    ]
    assert len(spelt) == len(set(spelt))
    for collection in COLLECTIONS:
        assert set(collection.part_of) <= set(NAMES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NLST", "NLST"),
        ("national lung screening trial", "NLST"),
        ("lidc", "LIDC-IDRI"),
        ("CT_RATE", "CT-RATE"),
        ("StonyBrookChestCT", "COVID-19-NY-SBU"),
        ("our own hospital", None),
    ],
)
def test_a_collection_is_known_by_any_of_its_names_however_written(written, meant):
    assert collection_named(written) == meant


def test_a_misspelt_name_is_answered_by_the_nearest():
    assert nearest_collection("NSLT") == "NLST"
    assert nearest_collection("LIDC-IRDI") == "LIDC-IDRI"
    assert nearest_collection("our own hospital") is None


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("NLST", "NLST", True),
        ("IDC", "NLST", True),
        ("IDC", "LUNA16", True),  # through LIDC-IDRI
        ("LUNA16", "LIDC-IDRI", True),
        ("MSD", "NSCLC-Radiogenomics", True),  # Task06 is made of it
        ("NLST", "LIDC-IDRI", False),  # both are in IDC, and have no scan in common
        ("CT-RATE", "IDC", False),
    ],
)
def test_collections_share_scans_where_one_holds_the_other(one, other, shared):
    assert share_scans(one, other) == share_scans(other, one) == shared


@pytest.mark.parametrize(
    ("text", "collection"),
    [
        ("LIDC-IDRI-0001", "LIDC-IDRI"),
        ("LIDC-IDRI-0001_series2.nii.gz", "LIDC-IDRI"),
        ("1.3.6.1.4.1.14519.5.2.1.6279.6001.105756658031515062000744821260.mhd", "LIDC-IDRI"),
        ("train_1_a_1", "CT-RATE"),
        ("valid_53_ab_2.nii.gz", "CT-RATE"),
        ("R01-001", "NSCLC-Radiogenomics"),
        ("LUNG1-001", "NSCLC-Radiomics"),
        ("1.2.840.113654.2.55.229650531101716203536241646069123704792", "NLST"),
        ("trn00001.npz", "RAD-ChestCT"),
        ("BDMAP_00000012", "AbdomenAtlas"),
        ("HN-CHUM-001", "Head-Neck-PET-CT"),
        ("TCGA-CV-5978", "TCGA"),
    ],
)
def test_ids_that_only_one_collection_gives_are_recognised(text, collection):
    assert collections_of_ids([[text]]) == {collection: 1}


@pytest.mark.parametrize(
    "text",
    [
        "100012",
        "patient_0001",
        "train_1",
        "R01-1",
        "case_00001",
        "XLIDC-IDRI-0001",
        "train_1_a_1b2",
    ],
)
def test_ids_that_any_cohort_may_have_are_not(text):
    assert collections_of_ids([[text]]) == {}


def test_a_case_counts_once_however_many_of_its_texts_tell_the_collection():
    cases = [["LIDC-IDRI-0001", "LIDC-IDRI-0001", "LIDC-IDRI-0001.nii.gz"], ["own"], ["R01-007"]]
    assert collections_of_ids(cases) == {"LIDC-IDRI": 1, "NSCLC-Radiogenomics": 1}
