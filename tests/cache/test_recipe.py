"""Differences between recipes are named by field."""

from mmfeat.cache.recipe import describe_differences, differing_fields


def test_equal_recipes_do_not_differ():
    assert describe_differences({"a": {"b": [1, 2]}}, {"a": {"b": [1, 2]}}) == ""


def test_nested_missing_and_changed_fields_are_all_named():
    found = {"a": {"b": 1, "c": "x"}, "gone": None}
    wanted = {"a": {"b": 2, "c": "x"}, "new": {"deep": {}}}
    assert describe_differences(found, wanted) == (
        "a.b (1 there, 2 here), gone (null there, absent here), new.deep (absent there, {} here)"
    )


def test_differing_fields_are_one_text_each_though_values_hold_commas():
    assert differing_fields({"size": [1, 2], "same": 0}, {"size": [1, 3], "same": 0, "new": 1}) == [
        "new (absent there, 1 here)",
        "size ([1, 2] there, [1, 3] here)",
    ]
