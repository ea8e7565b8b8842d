from mmfeat.volumes.one_line import one_line


def test_lines_are_joined() -> None:
    assert one_line(ValueError("two\n   lines\t")) == "two lines"


def test_an_error_without_text_has_its_kind() -> None:
    assert one_line(EOFError()) == "EOFError"


def test_long_texts_are_cut() -> None:
    text = one_line(ValueError("word " * 100))
    assert len(text) == 200
    assert text.endswith("...")
