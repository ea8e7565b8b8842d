"""Each source goes into the folder of its modality and recipe, or is refused."""

import pytest

from mmfeat.cache import CacheFolder
from mmfeat.errors import CacheError
from mmfeat.stages.caches.merge_targets import merge_targets

from ...cache.conftest import IDENTITY, make_rows

OTHER = {**IDENTITY, "recipe": {"spacing_mm": 3.0, "version": 1}}


@pytest.fixture
def machines(tmp_path):
    """Two caches of one recipe."""
    roots = [tmp_path / name for name in ("machine-a", "machine-b")]
    for number, root in enumerate(roots):
        CacheFolder.open(root, "ct", IDENTITY).commit(make_rows(number))
    return roots


def _found(sources, into):
    return [
        (target.path, [source.path for source in target.sources])
        for target in merge_targets(sources, into)
    ]


def test_into_a_new_cache_the_modalities_keep_their_names(machines, tmp_path):
    pet = CacheFolder.open(machines[0], "pet", OTHER)
    into = tmp_path / "all"
    ct = CacheFolder.location(into, "ct", IDENTITY)
    sources = [CacheFolder.location(root, "ct", IDENTITY) for root in machines]
    assert _found(machines, into) == [
        (ct, sources),
        (CacheFolder.location(into, "pet", OTHER), [pet.path]),
    ]
    assert not into.exists()


def test_into_a_modality_or_one_folder_the_names_of_the_sources_do_not_matter(machines, tmp_path):
    there = CacheFolder.open(tmp_path / "all", "chest", IDENTITY)
    for into in (there.path, there.path.parent):
        ((path, sources),) = _found(machines, into)
        assert path == there.path
        assert len(sources) == 2


def test_another_recipe_than_the_destinations_is_refused_and_its_fields_named(machines, tmp_path):
    there = CacheFolder.open(tmp_path / "all", "ct", OTHER)
    message = r"machine-a/ct/\w+: has another recipe .*: recipe.spacing_mm \(1.5 there, 3.0 here\);"
    for into in (there.path, there.path.parent, tmp_path / "all"):
        with pytest.raises(CacheError, match=message):
            merge_targets(machines, into)


def test_sources_of_two_recipes_of_one_modality_are_refused(machines, tmp_path):
    CacheFolder.open(machines[1], "ct", OTHER)
    with pytest.raises(CacheError, match=r"recipe.spacing_mm \(3.0 there, 1.5 here\)"):
        merge_targets(machines, tmp_path / "all")


def test_two_recipes_that_the_destination_has_both_are_taken(machines, tmp_path):
    CacheFolder.open(machines[1], "ct", OTHER)
    for identity in (IDENTITY, OTHER):
        CacheFolder.open(tmp_path / "all", "ct", identity)
    assert len(merge_targets(machines, tmp_path / "all")) == 2


def test_the_destination_itself_is_no_source(machines):
    with pytest.raises(CacheError, match="is the destination itself; name only the others"):
        merge_targets(machines, machines[0])


def test_what_is_no_cache_is_refused(machines, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="file: is a file; name a folder after --into"):
        merge_targets(machines, tmp_path / "file")
    with pytest.raises(CacheError, match="nowhere: no such folder"):
        merge_targets([tmp_path / "nowhere"], tmp_path / "all")


def test_a_renamed_destination_is_refused(machines, tmp_path):
    there = CacheFolder.open(tmp_path / "all", "ct", IDENTITY)
    renamed = there.path.rename(there.path.with_name("renamed"))
    with pytest.raises(CacheError, match=f"its recipe has the fingerprint {there.path.name}"):
        merge_targets(machines, renamed)
