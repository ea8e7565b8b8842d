import pytest

from mmfeat.config.modalities import TableModality
from mmfeat.config.record_variants import NO_RECORD, method_labels, record_variants


def _tables(**encoders):
    columns = {"age": {"type": "numeric"}}
    return {
        name: TableModality.model_validate({"kind": "table", "columns": columns, "encoder": one})
        for name, one in encoders.items()
    }


def _labels(**encoders):
    return [variant.label for variant in record_variants(_tables(**encoders))]


def test_without_a_table_or_with_the_basic_encoder_there_is_one_variant_without_a_name():
    assert record_variants({}) == (NO_RECORD,)
    assert record_variants(_tables(clinical="tabular-basic")) == (NO_RECORD,)


def test_single_encoders_name_the_variant_each_once():
    assert _labels(clinical="plr") == ["plr"]
    assert _labels(clinical="plr", blood="tabular-basic") == ["plr"]
    assert _labels(clinical="plr", blood="ft-transformer") == ["plr+ft-transformer"]
    assert _labels(clinical="plr", blood="plr") == ["plr"]


def test_a_list_gives_a_variant_for_each_of_its_encoders_and_others_keep_theirs():
    variants = record_variants(_tables(clinical=["tabular-basic", "tabm"], blood="plr"))
    assert [variant.label for variant in variants] == ["", "tabm"]
    assert [dict(variant.encoders) for variant in variants] == [
        {"clinical": "tabular-basic", "blood": "plr"},
        {"clinical": "tabm", "blood": "plr"},
    ]
    assert [variant.trained for variant in variants] == [
        {"blood": "plr"},
        {"clinical": "tabm", "blood": "plr"},
    ]


def test_the_same_lists_go_together():
    assert _labels(clinical=["plr", "tabm"], blood=["plr", "tabm"]) == ["plr", "tabm"]


def test_different_lists_are_refused():
    with pytest.raises(ValueError, match="`encoder` of `clinical` and `blood` differ"):
        _labels(clinical=["plr", "tabm"], blood=["tabm", "plr"])


def test_methods_are_named_with_their_encoder_one_method_after_the_other():
    variants = record_variants(_tables(clinical=["tabular-basic", "plr"]))
    assert method_labels(["mmfeat", "logistic"], variants) == (
        "mmfeat",
        "mmfeat@plr",
        "logistic",
        "logistic@plr",
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoder": ["plr", "plr"]}, "one is named twice"),
        ({"encoder": []}, "at least 1 item"),
        ({"encoder": "plr", "encoder_weights": {"tabicl": "a"}}, "`tabicl` is no encoder of this"),
        ({"encoder_weights": {"tabular-basic": "a"}}, "no encoder of this modality that takes"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(settings, message):
    columns = {"age": {"type": "numeric"}}
    with pytest.raises(ValueError, match=message):
        TableModality.model_validate({"kind": "table", "columns": columns, **settings})
