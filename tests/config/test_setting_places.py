import pytest

from mmfeat.config.cohort import BinaryTarget
from mmfeat.config.modalities import TableModality
from mmfeat.config.record_columns import NumericColumn
from mmfeat.config.setting_places import locate


@pytest.mark.parametrize(
    ("location", "path", "holder"),
    [
        (("train", "epochs"), "train.epochs", "TrainSettings"),
        (("tran",), "tran", "Settings"),
        (("train", "seeds", 1), "train.seeds[1]", "TrainSettings"),
        (("extract", "workers", "constrained-int"), "extract.workers", "ExtractSettings"),
        (("cohort", "targets", "a", "binary", "colum"), "cohort.targets.a.colum", "BinaryTarget"),
        (("modalities", "a b", "[key]"), "modalities.a b", None),
        (("modalities", "table"), "modalities.table", None),
    ],
)
def test_the_members_of_unions_are_left_out_of_the_key(location, path, holder):
    place = locate(location)
    assert place.path == path
    assert (place.holder and place.holder.__name__) == (None if "[" in path else holder)


def test_a_column_named_like_its_type_is_not_taken_for_the_type():
    place = locate(("modalities", "table", "table", "columns", "numeric", "numeric", "unit"))
    assert place.path == "modalities.table.columns.numeric.unit"
    assert place.holder is NumericColumn


def test_the_group_that_holds_the_last_key_is_known():
    assert locate(("cohort", "targets", "x", "binary", "y")).holder is BinaryTarget
    assert locate(("modalities", "x", "table", "columns")).holder is TableModality


def test_the_tags_that_could_stand_at_a_place_are_known():
    assert locate(("modalities", "x")).tags == ("volume", "table", "features")
    assert locate(("modalities", "x", "table")).tags == ()
