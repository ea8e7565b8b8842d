import pytest

from mmfeat.errors import RecordError
from mmfeat.record_encoders import get_record_encoder


def test_an_unknown_encoder_names_the_nearest_one():
    with pytest.raises(RecordError, match=r"`ft-transfomer`; did you mean `ft-transformer`\?"):
        get_record_encoder("ft-transfomer")


def test_one_that_is_near_to_none_names_the_command():
    with pytest.raises(RecordError, match="`mmfeat table encoders` shows all"):
        get_record_encoder("xgboost")
