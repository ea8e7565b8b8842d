"""What commands show: JSON that scripts can read, and bars that follow the work."""

import json

import pytest
from mmfeat.cli import console


def test_print_json_is_one_document_and_keeps_letters(capsys):
    console.print_json({"b": [1, None], "ä": "µ"})
    assert json.loads(capsys.readouterr().out) == {"b": [1, None], "ä": "µ"}


def test_print_json_refuses_nan():
    with pytest.raises(ValueError, match="Out of range float"):
        console.print_json({"a": float("nan")})


def test_a_note_is_one_line_on_standard_error(capsys):
    note = "`modalities.clinical.columns.age[years]`: " + "a long remark " * 20
    with console.ProgressBar():
        console.show_note(note)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"note: {note}" in shown.err


def test_a_bar_counts_steps_and_shows_its_note(capsys):
    with console.ProgressBar() as bar:
        bar.start("embedding", 4)
        bar.advance(3, note="case-1")
        bar.advance()
    shown = capsys.readouterr().err
    assert "embedding" in shown
    assert "4/4" in shown


def test_advancing_before_a_start_is_harmless(capsys):
    with console.ProgressBar() as bar:
        bar.advance()
    assert "1/" not in capsys.readouterr().err


def test_what_a_terminal_would_obey_is_shown_and_not_done(capsys):
    console.show_note("case `\x1b]0;owned\x07\x9b2J` is\tlate")
    shown = capsys.readouterr().err
    assert r"case `\x1b]0;owned\x07\x9b2J` is" in shown
    assert not {"\x1b", "\x07", "\x9b"} & set(shown)


def test_lines_of_a_result_are_shown_one_by_one_without_what_a_terminal_would_obey(capsys):
    console.show_lines(["[bold]left out[/]: 1 (case\x1b[2J)", "note: \x07 twice"])
    assert capsys.readouterr().out.splitlines() == [
        r"[bold]left out[/]: 1 (case\x1b[2J)",
        r"note: \x07 twice",
    ]
