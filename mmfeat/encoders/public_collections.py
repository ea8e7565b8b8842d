"""Public collections of scans: their names, which of them share scans, and what their ids are."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Collection:
    """Hold what is known of one collection."""

    name: str
    """As its publishers write it."""
    also: tuple[str, ...] = ()
    """Other names that it goes by."""
    part_of: tuple[str, ...] = ()
    """Collections that hold scans of this one, all or some."""
    ids: str = ""
    """Pattern of its ids of patients or scans, where no other collection has such ids."""


_IDC = ("IDC",)
_ATLAS = ("AbdomenAtlas",)
_UID = r"1\.3\.6\.1\.4\.1\.14519\.5\.2\.1"
COLLECTIONS = (
    Collection("IDC", ("NCI Imaging Data Commons", "Imaging Data Commons")),
    Collection(
        "NLST",
        ("National Lung Screening Trial",),
        _IDC,
        rf"1\.2\.840\.113654\.2\.55\.\d+|{_UID}\.7009\.9004\.\d+",
    ),
    Collection("LIDC-IDRI", ("LIDC",), _IDC, rf"LIDC-IDRI-\d{{4}}|{_UID}\.6279\.6001\.\d+"),
    Collection("LUNA16", ("LUNA",), ("LIDC-IDRI",)),
    Collection("NSCLC-Radiomics", ("Lung1",), _IDC, r"LUNG1-\d{3}"),
    Collection("NSCLC-Radiogenomics", (), (*_IDC, "MSD"), r"R01-\d{3}"),
    Collection("NSCLC-Radiomics-Genomics", ("Lung3",), _IDC, r"LUNG3-\d{2,3}"),
    Collection("COVID-19-NY-SBU", ("StonyBrook COVID-19", "StonyBrookChestCT"), _IDC),
    Collection("CT Colonography", ("ACRIN 6664", "TCIA Colonography"), _IDC),
    Collection("Colorectal-Liver-Metastases", ("CRLM-CT",), _IDC, r"CRLM-CT-\d{4}"),
    Collection("Pancreas-CT", ("NIH Pancreas-CT",), (*_IDC, *_ATLAS, "BTCV")),
    Collection(
        "KiTS", ("C4KC-KiTS", "KiTS19", "KiTS21", "KiTS23"), (*_IDC, *_ATLAS), r"KiTS-\d{5}"
    ),
    Collection("QIN-HEADNECK", (), _IDC, r"QIN-HEADNECK-\d{2}-\d{4}"),
    Collection(
        "TCGA", ("TCGA-HNSC", "TCGA-LUAD", "TCGA-LUSC"), _IDC, r"TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}"
    ),
    Collection("HNSCC", (), (), r"HNSCC-\d{2}-\d{4}"),
    Collection("Head-Neck-PET-CT", (), ("HECKTOR",), r"HN-(?:CHUM|CHUS|HGJ|HMR)-\d{3}"),
    Collection("HECKTOR", ("HECKTOR 2022", "HECKTOR 2025")),
    Collection("HANCOCK"),
    Collection("OPC-Radiomics", (), (), r"OPC-\d{5}"),
    Collection("CT-RATE", (), (), r"(?:train|valid)_\d+_[a-z]{1,2}_\d+"),
    Collection("RAD-ChestCT", (), (), r"(?:trn|val|tst)\d{5}"),
    Collection("Merlin Abdominal CT", ("Merlin",)),
    Collection(
        "CT Images in COVID-19", ("TCIA COVID-19", "COVID-19-20"), (), r"volume-covid19-A-\d{4}"
    ),
    Collection("INSPECT"),
    Collection("RadFusion", ("Multimodal Pulmonary Embolism Dataset",)),
    Collection("STOIC 2021", ("STOIC",)),
    Collection("MELA", (), (), r"mela_\d{4}"),
    Collection("DeepLesion"),
    Collection("TotalSegmentator", ("TotalSegmentatorV2",)),
    Collection("AbdomenAtlas", ("AbdomenAtlas 1.0", "AbdomenAtlas 1.1"), (), r"BDMAP_\d{8}"),
    Collection("AbdomenCT-1K", (), _ATLAS),
    Collection("AMOS", ("AMOS22",), _ATLAS, r"amos_\d{4}"),
    Collection("BTCV", ("Beyond the Cranial Vault",), _ATLAS),
    Collection("CHAOS", (), _ATLAS),
    Collection("CT-ORG", (), _ATLAS),
    Collection("FLARE", ("FLARE22", "FLARE23"), _ATLAS),
    Collection("LiTS", (), (*_ATLAS, "MSD", "AbdomenCT-1K")),
    Collection("MSD", ("Medical Segmentation Decathlon",), _ATLAS),
    Collection("WORD", (), _ATLAS),
    Collection("PANORAMA"),
    Collection("CTPelvic1K"),
    Collection("AeroPath"),
    Collection("VerSe"),
    Collection("ImageNet", ("ImageNet-1k",)),
)
"""Those that encoders here were trained on, or that cohorts are often made of."""

_BY_NAME = {collection.name: collection for collection in COLLECTIONS}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_BY_PLAIN_NAME = {
    _plain(name): collection.name
    for collection in COLLECTIONS
    for name in (collection.name, *collection.also)
}
_PATTERNS = {
    collection.name: re.compile(rf"(?<![A-Za-z0-9])(?:{collection.ids})(?![A-Za-z0-9])")
    for collection in COLLECTIONS
    if collection.ids
}


def collection_named(name: str) -> str | None:
    """Return a collection's own name for any of its names, however written; None if unknown.

    Example:
        >>> collection_named("lidc"), collection_named("Luna 16"), collection_named("ours")
        ('LIDC-IDRI', 'LUNA16', None)
    """
    return _BY_PLAIN_NAME.get(_plain(name))


def nearest_collection(name: str) -> str | None:
    """Return the collection that a misspelt name may mean."""
    near = difflib.get_close_matches(_plain(name), _BY_PLAIN_NAME, n=1)
    return _BY_PLAIN_NAME[near[0]] if near else None


def share_scans(one: str, other: str) -> bool:
    """Say whether one collection holds scans of the other, directly or through a third.

    Example:
        >>> share_scans("IDC", "LUNA16"), share_scans("NLST", "LIDC-IDRI")
        (True, False)
    """
    return one in _holders(other) or other in _holders(one)


def collections_of_ids(cases: Iterable[Sequence[str]]) -> dict[str, int]:
    """Return how many cases have an id that only one collection gives, by collection.

    Args:
        cases: Of each case whatever may hold such an id: its own, its patient's, names of files.

    Example:
        >>> collections_of_ids([["LIDC-IDRI-0001", "x.nii.gz"], ["train_12_a_1.nii.gz"], ["7"]])
        {'LIDC-IDRI': 1, 'CT-RATE': 1}
    """
    found: Counter[str] = Counter()
    for texts in cases:
        found.update(name for name, pattern in _PATTERNS.items() if any(map(pattern.search, texts)))
    return dict(found)


def _holders(name: str) -> set[str]:
    """Return a collection, and all that hold scans of it."""
    found = {name}
    for holder in _BY_NAME[name].part_of:
        found |= _holders(holder)
    return found
