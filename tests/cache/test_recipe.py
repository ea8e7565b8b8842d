"""Differences between recipes are named by field."""

from mmfeat.cache.recipe import describe_differences


def test_equal_recipes_do_not_differ():
    assert describe_differences({"a": {"b": [1, 2]}}, {"a": {"b": [1, 2]}}) == ""


def test_nested_missing_and_changed_fields_are_all_named():
    found = {"a": {"b": 1, "c": "x"}, "gone": None}
    wanted = {"a": {"b": 2, "c": "x"}, "new": {"deep": {}}}
    assert describe_differences(found, wanted) == (
        "a.b (1 there, 2 here), gone (null there, absent here), new.deep (absent there, {} here)"
    )
