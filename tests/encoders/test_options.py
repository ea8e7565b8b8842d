import pytest

from mmfeat.encoders.options import Option, nearest, resolve_options
from mmfeat.errors import EncoderError

OPTIONS = {
    "recipe": Option("repo", "what is done", choices=("repo", "card")),
    "overlap": Option(0.0, "share in common", choices=(0.0, 0.625)),
    "spacing_mm": Option(5.0, "distance", minimum=0.5),
    "n_slices": Option(64, "count", minimum=1),
    "mirrored": Option(False, "left for right"),
}


def test_options_that_are_not_given_have_their_defaults_in_the_order_of_the_encoder():
    resolved = resolve_options("any", OPTIONS, {"n_slices": 3, "recipe": "card"})
    assert list(resolved.items()) == [
        ("recipe", "card"),
        ("overlap", 0.0),
        ("spacing_mm", 5.0),
        ("n_slices", 3),
        ("mirrored", False),
    ]


def test_a_whole_number_is_a_number_and_then_the_same_recipe():
    value = resolve_options("any", OPTIONS, {"spacing_mm": 2})["spacing_mm"]
    assert value == 2.0
    assert isinstance(value, float)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"recpie": "card"}, r"unknown option `recpie`; did you mean `recipe`\? It has: recipe, o"),
        ({"xyz": 1}, "unknown option `xyz`; It has: recipe, overlap, spacing_mm"),
        ({"recipe": "cards"}, "option `recipe` must be one of `repo`, `card`, got `cards`"),
        ({"overlap": 0.5}, r"must be one of `0\.0`, `0\.625`, got `0\.5`"),
        ({"recipe": 3}, "option `recipe` must be a text, got `3`"),
        ({"n_slices": 2.5}, r"option `n_slices` must be a whole number, got `2\.5`"),
        ({"n_slices": True}, "must be a whole number, got `True`"),
        ({"spacing_mm": True}, "must be a number, got `True`"),
        ({"spacing_mm": "2"}, "must be a number, got `2`"),
        ({"mirrored": 1}, "must be true or false, got `1`"),
        ({"n_slices": 0}, "must be at least 1, got `0`"),
        ({"spacing_mm": 0.4}, r"must be at least 0\.5, got `0\.4`"),
        ({"spacing_mm": float("nan")}, "must be a finite number, got `nan`"),
        ({"spacing_mm": float("inf")}, "must be a finite number, got `inf`"),
        ({"recipe": None}, "must be a text, got `None`"),
    ],
)
def test_what_an_option_cannot_be_is_refused_with_what_it_can(given, message):
    with pytest.raises(EncoderError, match=rf"^encoder any: .*{message}"):
        resolve_options("any", OPTIONS, given)


def test_an_encoder_without_options_says_so():
    with pytest.raises(EncoderError, match="unknown option `recipe`; it has none"):
        resolve_options("any", {}, {"recipe": "card"})


def test_a_name_like_no_other_has_no_hint():
    assert nearest("zzz", OPTIONS) == ""
    assert nearest("mirored", OPTIONS) == "did you mean `mirrored`? "
