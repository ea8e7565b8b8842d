import pytest

from mmfeat.errors import TrainError
from mmfeat.stages.predicting.sealed_folder import is_sealed, open_sealed, seal_folder


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "heads").mkdir()
    (tmp_path / "heads" / "a.json").write_text("{}")
    (tmp_path / "README.md").write_text("a card")
    seal_folder(tmp_path, {"made_by": "a test"}, beside=("README.md",))
    return tmp_path


def test_a_folder_says_what_it_is_when_nothing_has_changed(folder):
    assert is_sealed(folder)
    assert open_sealed(folder, beside=("README.md",))["made_by"] == "a test"


def test_what_people_may_change_is_not_looked_at(folder):
    (folder / "README.md").write_text("a card, completed")
    assert list(open_sealed(folder, beside=("README.md",))["files"]) == ["heads/a.json"]


def test_a_file_of_the_same_size_but_other_content_is_named(folder):
    (folder / "heads" / "a.json").write_text("[]")
    with pytest.raises(TrainError, match=r"heads/a\.json: damaged or changed"):
        open_sealed(folder, beside=("README.md",))
