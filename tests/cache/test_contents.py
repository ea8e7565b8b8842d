"""A cache folder is described in numbers, also when it is empty or damaged."""

import json
from datetime import UTC, datetime

from mmfeat.cache import Failure
from mmfeat.cache.contents import describe_cache
from mmfeat.provenance import fingerprint, library_versions

from .conftest import IDENTITY, TOKEN_SIZE, WIDTH, make_rows, make_token_rows


def test_everything_is_counted(folder):
    folder.commit([*make_rows(1, 2), *make_rows(2, source="version 2")])
    folder.commit(make_rows(1, stat="touched"))
    when = "2025-01-01T00:00:00+00:00"
    folder.record_failures(
        [
            Failure("case-0003", "3.nii", "is torn", "s", when),
            Failure("case-0004", "4.nii", "rejected", "s", when, quality="{}"),
        ]
    )
    folder.record_run({"n_extracted": 3})
    found = describe_cache(folder)
    assert (found.modality, found.identity) == ("ct", IDENTITY)
    assert found.fingerprint == fingerprint(IDENTITY)
    assert (found.n_cases, found.n_rows, found.width, found.n_shards) == (2, 3, WIDTH, 2)
    assert found.tokens is None
    assert (found.n_failed, found.n_rejected) == (1, 1)
    assert found.versions == (library_versions(),)
    assert found.n_bytes == sum(file.stat().st_size for file in folder.path.iterdir())
    assert found.first_written <= found.last_written <= datetime.now(UTC).isoformat()
    assert found.last_run == {"n_extracted": 3}
    assert found.damage is None
    assert json.loads(json.dumps(found.to_json()))["path"] == str(folder.path)


def test_an_empty_folder_has_no_width_and_no_dates(folder):
    found = describe_cache(folder)
    assert (found.n_cases, found.n_shards, found.width) == (0, 0, None)
    assert (found.first_written, found.last_written, found.last_run) == (None, None, None)
    assert found.damage is None


def test_damage_is_told_and_the_rest_still_counted(folder):
    folder.commit(make_rows(1)).write_bytes(b"half of a shard")
    (folder.path / "failures.csv").write_text("a,b\n")
    found = describe_cache(folder)
    assert "is torn or damaged" in found.damage
    assert "not a list of failures" in found.damage
    assert found.n_cases == 0


def test_tokens_are_counted_once_for_each_scan(token_folder):
    assert describe_cache(token_folder).tokens is None
    token_folder.commit(make_token_rows(0, 1, 2))
    token_folder.commit(make_token_rows(2, stat="touched"))
    tokens = describe_cache(token_folder).tokens
    assert (tokens.n_tokens, tokens.fewest, tokens.most, tokens.width) == (6, 1, 3, TOKEN_SIZE)
    assert tokens.n_bytes == 6 * TOKEN_SIZE * 4
    assert describe_cache(token_folder).to_json()["tokens"]["n_tokens"] == 6
