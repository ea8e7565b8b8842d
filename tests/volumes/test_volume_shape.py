from pathlib import Path

import pytest

from mmfeat.errors import VolumeError
from mmfeat.volumes.volume_shape import volume_shape

WHERE = Path("scan.nii")


def test_the_order_of_axes_is_reversed() -> None:
    assert volume_shape(WHERE, [512, 256, 100]) == ((100, 256, 512), [])


@pytest.mark.parametrize("further", [[1], [1, 1]])
def test_further_axes_of_size_1_are_left_out_with_a_note(further: list[int]) -> None:
    shape, notes = volume_shape(WHERE, [4, 3, 2, *further])
    assert shape == (2, 3, 4)
    assert [note.code for note in notes] == ["singleton-axis"]


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ([], "its size is empty"),
        ([4, -3, 2], "its size is 4 x -3 x 2"),
        ([4, 3], "4 x 3 voxels: one slice is no volume"),
        ([4, 3, 1], "one slice is no volume"),
        ([4, 3, 1, 5], "4 x 3 x 1 x 5 voxels, so 5 volumes in one file"),
        ([4, 3, 2, 1, 6], "so 6 volumes in one file"),
    ],
)
def test_what_is_not_one_volume_is_refused(sizes: list[int], reason: str) -> None:
    with pytest.raises(VolumeError, match=rf"^scan\.nii: .*{reason}"):
        volume_shape(WHERE, sizes)
