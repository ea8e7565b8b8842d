"""A shard that is torn, cut or has one flipped bit is never read as good, wherever that is."""

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow, keeps_tokens
from mmfeat.errors import CacheError

from .caches import cache_folder
from .kill_count import USUAL
from .uninterrupted import Uninterrupted

CASES = [f"case-{number}" for number in range(4)]


@pytest.fixture(params=["vectors", "tokens"])
def folder(tmp_path, request):
    rule = {"tokens": {"max_tokens": 4}} if request.param == "tokens" else {}
    made = CacheFolder.open(tmp_path, "ct", {"encoder": "mean"} | rule)
    generator = np.random.default_rng(0)
    made.commit(
        [
            FeatureRow(
                case,
                f"{n:064x}",
                "s" * 16,
                generator.random(9, np.float32),
                '{"a":1}',
                tokens=generator.random((n + 1, 9), np.float32) if rule else None,
            )
            for n, case in enumerate(CASES)
        ]
    )
    return made


def _read_all(folder, wanted):
    folder.read(wanted)
    if keeps_tokens(folder.identity):
        folder.read_tokens(wanted)


def _flipped(content: bytes, offset: int) -> bytes:
    changed = bytearray(content)
    changed[offset] ^= 1 << offset * 5 % 8  # each of the eight bits somewhere
    return bytes(changed)


def _cut(content: bytes, offset: int) -> bytes:
    return content[:offset]


def _emptied(content: bytes, offset: int) -> bytes:
    """A page that never came to the disk, as after a loss of power."""
    return content[:offset] + bytes(len(content[offset : offset + 512])) + content[offset + 512 :]


def _of_another(content: bytes, offset: int) -> bytes:
    return content[:offset] + content[offset:][::-1]


@pytest.mark.parametrize("damaged", [_flipped, _cut, _emptied, _of_another])
def test_damage_at_any_offset_is_one_line_that_says_what_to_do(folder, damaged):
    (path,) = folder.path.glob("shard-*.h5")
    good = path.read_bytes()
    wanted = [(case, None) for case in CASES]
    n_damaged = 0
    for offset in range(0, len(good), 11 if USUAL else 1):
        content = damaged(good, offset)
        if content == good:
            continue
        n_damaged += 1
        path.write_bytes(content)
        (problem,) = folder.verify()
        assert problem.startswith(f"{path}: ")
        assert "delete this file and run `mmfeat extract`" in problem, offset
        assert "\n" not in problem
        with pytest.raises(CacheError, match="delete this file and run `mmfeat extract`"):
            _read_all(folder, wanted)
    assert n_damaged > len(good) / 25
    path.write_bytes(good)
    assert folder.verify() == []


@pytest.mark.parametrize("part", ["a bit of a feature", "the end"])
def test_extraction_says_so_and_goes_on_when_the_file_is_deleted(host, cohort, part):
    reference = Uninterrupted(host, cohort)
    assert host.run("extract", "--limit", "5", folder=cohort.folder).code == 0
    (path,) = cache_folder(cohort.folder).path.glob("shard-*.h5")
    good = path.read_bytes()
    path.write_bytes(_flipped(good, len(good) - 9) if part != "the end" else good[:-9])
    ended = host.run("extract", folder=cohort.folder)
    assert ended.code == 2, ended.err
    assert f"error: {path}: " in ended.error
    assert "delete this file and run `mmfeat extract`" in ended.error
    path.unlink()
    reference.check_resumed()


@pytest.mark.parametrize("name", ["recipe.json", "failures.csv"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\0"])
def test_a_damaged_list_or_recipe_is_deleted_without_loss(host, cohort, name, content):
    (cohort.folder / cohort.scans["case-001"]).write_bytes(b"not a scan")
    reference = Uninterrupted(host, cohort)
    assert host.run("extract", "--limit", "5", folder=cohort.folder).code == 3
    kept = reference.check_kept({})
    file = cache_folder(cohort.folder).path / name
    file.write_bytes(content)
    ended = host.run("extract", folder=cohort.folder)
    assert ended.code == 2, ended.err
    assert f"error: {file}: " in ended.error
    assert "; delete it, and `mmfeat extract` " in ended.error
    file.unlink()
    assert host.run("extract", folder=cohort.folder).code == 3
    reference.check_kept(kept)
    reference.check_complete()
