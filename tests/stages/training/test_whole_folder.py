import pytest

from mmfeat.stages.training.whole_folder import whole_folder


def _fail_half_way(place):
    with whole_folder(place) as partial:
        partial.mkdir()
        (partial / "half.txt").write_text("half")
        raise RuntimeError("power")


def test_a_finished_folder_takes_the_place_of_the_old_one(tmp_path):
    place = tmp_path / "made" / "here"
    for text in ("old", "new"):
        with whole_folder(place) as partial:
            partial.mkdir()
            (partial / f"{text}.txt").write_text(text)
    assert [file.name for file in place.iterdir()] == ["new.txt"]
    assert [file.name for file in place.parent.iterdir()] == ["here"]


def test_what_was_there_stays_when_the_work_fails(tmp_path):
    place = tmp_path / "here"
    place.mkdir()
    (place / "old.txt").write_text("old")
    with pytest.raises(RuntimeError, match="power"):
        _fail_half_way(place)
    assert [file.name for file in tmp_path.rglob("*.txt")] == ["old.txt"]
