import errno

import pytest

from mmfeat.cache.shared_disk import disk_errors, while_shards_move
from mmfeat.errors import CacheError


class Moving:
    """A reader whose shards vanish the first few times."""

    def __init__(self, n_moves):
        self.n_moves = n_moves
        self.looks = 0

    def __call__(self):
        self.looks += 1
        if self.looks <= self.n_moves:
            raise FileNotFoundError(f"shard-{self.looks}.h5")
        return "features"


@pytest.mark.parametrize("n_moves", [0, 1, 19])
def test_a_reader_looks_again_when_a_shard_has_gone(n_moves):
    moving = Moving(n_moves)
    assert while_shards_move(moving) == "features"
    assert moving.looks == n_moves + 1


def test_a_reader_does_not_look_for_ever():
    moving = Moving(1000)
    with pytest.raises(CacheError, match=r"shards keep vanishing .* \(shard-20\.h5\); run the"):
        while_shards_move(moving)
    assert moving.looks == 20


@pytest.mark.parametrize("error", [CacheError("torn"), PermissionError("no"), ValueError("odd")])
def test_any_other_error_is_passed_on_at_once(error):
    looks = []

    def broken():
        looks.append(1)
        raise error

    with pytest.raises(type(error), match=str(error)):
        while_shards_move(broken)
    assert len(looks) == 1


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "make room there"),
        (errno.EDQUOT, "make room there"),
        (errno.EFBIG, "make room there"),
        (errno.EACCES, "mend the disk or the permissions"),
        (errno.EROFS, "mend the disk or the permissions"),
        (errno.EIO, "mend the disk or the permissions"),
        (errno.ENOENT, "bring the folder back, which was deleted, moved or unmounted"),
        (errno.ESTALE, "bring the folder back, which was deleted, moved or unmounted"),
    ],
)
def test_a_disk_that_refuses_says_which_folder_and_what_to_do(tmp_path, number, advice):
    wanted = pytest.raises(
        CacheError,
        match=rf"cannot be written to \(.*refused\); {advice}, or choose another `extract.cache`",
    )
    with wanted as caught, disk_errors(tmp_path):
        raise OSError(number, "refused")
    assert str(caught.value).startswith(f"{tmp_path}: ")
    assert isinstance(caught.value.__cause__, OSError)


def test_what_is_no_fault_of_the_disk_is_passed_on(tmp_path):
    with pytest.raises(CacheError, match=r"^torn$"), disk_errors(tmp_path):
        raise CacheError("torn")
    with pytest.raises(ValueError, match=r"^odd$"), disk_errors(tmp_path):
        raise ValueError("odd")
