from mmfeat.manifest.guessed_missing import DEFAULT_MISSING, READ_AS_MISSING

from .guessed_tables import mixed, small_table


def test_texts_that_mean_unknown_are_added_to_missing(guess):
    guessed = guess(small_table(lobe=mixed("left", "right", "Unknown", "n/k", "-")))
    assert guessed.missing.value == [*DEFAULT_MISSING, "-", "Unknown", "n/k"]
    assert guessed.missing.reason == "added: -, Unknown, n/k; do they mean nothing?"
    assert guessed.columns["lobe"].reason == "left x 12, right x 12"


def test_a_minus_beside_a_plus_is_an_answer(guess):
    guessed = guess(small_table(receptor=mixed("+", "-"), lobe=mixed("left", "-", "right")))
    assert guessed.missing is None
    assert guessed.columns["receptor"].reason == "+ x 30, - x 30"


def test_none_is_a_level_where_it_stands_on_a_scale(guess):
    guessed = guess(small_table(emphysema=mixed("none", "mild", "severe"), lobe=mixed("left", "x")))
    assert guessed.columns["emphysema"].value["levels"] == ["none", "mild", "severe"]
    assert guessed.missing.value == list(READ_AS_MISSING)
    assert guessed.missing.reason == "without none, a level of `emphysema`"
    assert guessed.missing.doubtful


def test_none_means_nothing_anywhere_else(guess):
    guessed = guess(
        small_table(lobe=mixed("left", "right", "None"), size=mixed("1.5", "2", "none"))
    )
    assert guessed.missing is None
    assert guessed.columns["lobe"].reason == "left x 20, right x 20"
    assert guessed.columns["size"].value == {"type": "numeric"}
