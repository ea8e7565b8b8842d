import pytest
from mmfeat.data_manifests.dicom_words import age_in_years


@pytest.mark.parametrize(
    ("text", "years"),
    [("036Y", "36"), ("085", "85"), ("006M", "0.5"), ("026W", "0.4983"), ("000D", "0")],
)
def test_an_age_is_read_in_all_units_of_dicom(text, years):
    assert age_in_years(text) == years


@pytest.mark.parametrize("text", ["", "old", "36 years", "0361Y", "36y", "-36Y", "٣٦Y"])
def test_what_is_no_age_of_dicom_is_not_read(text):
    assert age_in_years(text) is None
