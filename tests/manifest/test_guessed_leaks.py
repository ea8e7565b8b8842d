from .guessed_tables import N_ROWS, mixed, small_table


def _verdict(table):
    return ["bad" if cell == "1" else "fine" for cell in table["cancer"]]


def test_a_column_whose_values_each_mean_one_answer_is_left_out(guess):
    table = small_table(other=mixed("a", "b", "c", "d"))
    guessed = guess(table | {"verdict": _verdict(table)})
    assert guessed.left_out["verdict"].reason == "each of its values means one answer of `cancer`"
    assert "other" in guessed.columns


def test_gaps_in_the_answer_or_the_column_do_not_hide_a_leak(guess):
    table = small_table()
    table["verdict"] = ["", "", "", "", *_verdict(table)[4:]]
    table["cancer"][10:14] = [""] * 4
    assert "verdict" in guess(table).left_out


def test_one_value_that_is_seen_with_both_answers_is_no_leak(guess):
    table = small_table()
    table["verdict"] = _verdict(table)
    table["verdict"][0] = "bad" if table["verdict"][0] == "fine" else "fine"
    assert "verdict" in guess(table).columns


def test_many_values_of_few_rows_each_are_no_leak(guess):
    table = small_table() | {"cancer": ["1"] * 3 + ["0"] * 57}
    table["ward"] = [f"ward {row // 3}" for row in range(N_ROWS)]
    assert "ward" in guess(table).columns


def test_few_rows_are_enough_where_chance_would_hardly_part_them_so(guess):
    table = {name: cells[:24] for name, cells in small_table().items()}
    table["patient_id"] = [f"p{row}" for row in range(24)]
    table["cancer"] = ["1"] * 7 + ["0"] * 17
    table["stage"] = ["late"] * 4 + ["early"] * 3 + ["no cancer"] * 17
    assert "stage" in guess(table).left_out
    table["stage"][6] = "no cancer"
    assert "stage" in guess(table).columns


def test_what_is_alike_in_all_rows_of_a_patient_is_no_leak(guess):
    table = small_table()
    table["cancer"] = [cell for cell in mixed("0", "1")[::2] for _ in range(2)]
    table["height"] = [str(150.5 + 7 * (row // 2) % 41) for row in range(N_ROWS)]
    assert "height" in guess(table).columns
