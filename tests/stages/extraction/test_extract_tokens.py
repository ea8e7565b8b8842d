"""With `features: tokens` those of the windows are kept, and the vector is as it ever was."""

import json

import numpy as np
import pytest

from mmfeat import encoders
from mmfeat.cache import CacheFolder
from mmfeat.config.loading import load_project
from mmfeat.progress import Silent
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.extraction.status import cache_status, status
from mmfeat.stages.features import fit_features, open_features
from mmfeat.volumes import read_volume

from ..extraction_cohort import TOKENS, make_cohort

BATCH = "extract.batch_windows=3"


@pytest.fixture
def cohort(tmp_path):
    """Four cases; the last one shares its scan with the first."""
    made = make_cohort(tmp_path / "cohort", 3, encoder=TOKENS)
    made.scans["case-003"] = made.scans["case-000"]
    return made.write()


def _project(cohort, *overrides):
    return load_project(cohort.config, [BATCH, *overrides])


def _extract(cohort, *overrides, **options):
    project = _project(cohort, *overrides)
    return extract(project, progress=Silent(), should_stop=lambda: False, **options).modalities[0]


def _folder(report) -> CacheFolder:
    identity = json.loads((report.cache / "recipe.json").read_text())
    return CacheFolder.find(report.cache.parents[1], report.modality, identity)


def _shard(report) -> bytes:
    (shard,) = report.cache.glob("shard-*.h5")
    return shard.read_bytes()


def test_tokens_are_what_the_encoder_gives_for_each_slice_and_the_vector_is_as_ever(cohort):
    report = _extract(cohort)
    assert (report.n_extracted, report.n_tokens, report.max_tokens) == (4, 8, 2)
    folder = _folder(report)
    encoder = encoders.create("slices-lite0", device="cpu", options={"max_slices": 3})
    encoder.load()
    found = folder.read_tokens([(case_id, None) for case_id in cohort.scans])
    assert found.counts.tolist() == [2, 2, 2, 2]
    vectors, _ = folder.read([(case_id, None) for case_id in cohort.scans])
    for number, scan in enumerate(cohort.scans.values()):
        slices = encoder.encode(encoder.prepare(read_volume(cohort.folder / scan)))
        assert slices.shape == (3, encoder.token_size)
        tokens = found.tokens[2 * number : 2 * number + 2]
        expected = [slices[0], slices[1:].mean(axis=0)]  # groups of 1 and 2
        np.testing.assert_allclose(tokens, expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(vectors[number], encoder.pool(slices), rtol=1e-5, atol=1e-6)
    plain = _extract(
        cohort,
        "modalities.ct={kind: volume, column: ct, encoder: slices-lite0, options: {max_slices: 3}}",
    )
    assert plain.cache != report.cache
    assert (plain.n_tokens, plain.max_tokens) == (0, None)
    again, _ = _folder(plain).read([(case_id, None) for case_id in cohort.scans])
    np.testing.assert_array_equal(again, vectors)


def test_parts_and_shards_of_any_size_give_the_same_file(cohort):
    whole = _shard(_extract(cohort))
    cache = "extract.cache=in-parts"
    for limit in (1, 1, None):
        report = _extract(cohort, cache, "extract.shard_cases=1", limit=limit)
    assert report.n_pending == 0
    assert _shard(report) == whole
    assert _folder(report).verify() == []


def test_a_dry_run_says_what_the_tokens_will_take(cohort):
    report = _extract(cohort, dry_run=True)
    row_bytes = 1200 + 4 * 2560 + 2 * 1280 * 4
    assert (report.row_bytes, report.n_pending) == (row_bytes, 4)
    assert report.bytes_to_come == 4 * row_bytes
    assert report.to_json()["bytes_to_come"] == 4 * row_bytes
    assert report.to_json()["max_tokens"] == 2
    assert not report.cache.exists()


def test_where_it_stands_says_how_many_tokens_are_kept(cohort):
    assert status(_project(cohort)).modalities[0].max_tokens == 2
    report = _extract(cohort)
    assert cache_status(report.cache).modalities[0].max_tokens == 2
    one = status(_project(cohort, "modalities.ct.max_tokens=1")).modalities[0]
    assert one.to_json()["max_tokens"] == 1
    (other,) = one.others
    assert other.differences == ("tokens.max_tokens (2 there, 1 here)",)


def test_features_are_the_vectors_and_the_tokens_a_set_for_whoever_asks(cohort):
    report = _extract(cohort)
    project = _project(cohort)
    opened = open_cohort(project)
    table = open_features(project, opened)
    assert table.sets == {}
    (note,) = table.notes
    assert note.startswith("`ct`: tokens and sets of scans are read only by methods that end in")
    with_tokens = open_features(project, opened, with_tokens=True)
    assert with_tokens.notes == ()
    np.testing.assert_array_equal(with_tokens.vectors["ct"], table.vectors["ct"])
    assert with_tokens.fingerprints == table.fingerprints
    tokens = with_tokens.sets["ct"]
    assert tokens.counts.tolist() == [2, 2, 2, 2]
    assert tokens.scan_numbers.tolist() == [0] * 8
    stored = _folder(report).read_tokens([(case_id, None) for case_id in opened.case_ids])
    np.testing.assert_array_equal(tokens.vectors, stored.tokens)
    fitted = fit_features(project, with_tokens, [0, 1])
    scaled = fitted.transform_sets(with_tokens)["ct"]
    np.testing.assert_allclose(scaled.vectors[:4].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_array_equal(scaled.scan_numbers, tokens.scan_numbers)


def test_several_scans_of_a_case_keep_their_tokens_apart(cohort):
    _extract(cohort)
    project = _project(cohort)
    singles = open_features(project, open_cohort(project), with_tokens=True).sets["ct"]
    scans = list(cohort.scans.values())
    cohort.scans = {"case-000": ";".join(scans[:2]), "case-001": scans[2]}
    cohort.write()
    assert _extract(cohort).n_extracted == 2
    found = {}
    for rule in ("set", "mean"):
        project = _project(cohort, f"modalities.ct.several={rule}")
        found[rule] = open_features(project, open_cohort(project), with_tokens=True)
        tokens = found[rule].sets["ct"]
        assert tokens.counts.tolist() == [4, 2]
        assert tokens.scan_numbers.tolist() == [0, 0, 1, 1, 0, 0]
        np.testing.assert_array_equal(tokens.vectors, singles.vectors[:6])
    assert found["mean"].fingerprints["ct"] != found["set"].fingerprints["ct"]
