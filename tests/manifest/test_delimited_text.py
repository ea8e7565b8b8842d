import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.errors import CohortError
from mmfeat.manifest.delimited_text import read_delimited


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")

    def write_and_read(content, name="table.csv"):
        file = folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_delimited(file)

    return write_and_read


@pytest.mark.parametrize("name", ["table.csv", "table.tsv", "table.txt"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_whatever_the_ending_of_the_name(read, delimiter, name):
    rows = [["id", "age, years", "x"], ["1", "2,5", ""], ["2", "3,5", "b"]]
    text = StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    assert read(text.getvalue(), name) == rows


def test_a_semicolon_table_with_commas_in_its_header_is_not_cut_at_the_commas(read):
    text = "id;age, in years;size, in mm;stage\n1;60;3;I\n"
    assert read(text)[0] == ["id", "age, in years", "size, in mm", "stage"]
    assert len(read("id;age, years;x, y\n1;60;3\n2;61;4\n")[0]) == 3


def test_a_table_of_one_column_is_read(read):
    assert read("id\na\nb\n") == [["id"], ["a"], ["b"]]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks(read):
    assert read('id,note\n1,"a, ""b""\nc"\n2,d\n') == [
        ["id", "note"],
        ["1", 'a, "b"\nc'],
        ["2", "d"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_common_encoding_and_line_end_is_read(read, encoding, line_end):
    text = line_end.join(["id,größe", "1,2", ""])
    assert read(text.encode(encoding)) == [["id", "größe"], ["1", "2"]]


def test_blank_lines_stay_so_that_rows_are_counted_as_a_spreadsheet_does(read):
    assert read("id\n\na\n") == [["id"], [], ["a"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "id,name\n1,Müller\n".encode("latin-1"),
            r"line 2: byte 0xfc is not UTF-8; save .*CSV UTF",
        ),
        (b"id\n1\n\x00\n", "line 3: has a zero byte"),
        ('id,a\n1,"x\n2,y\n', r"row 2: unexpected end of data; mend the quotes"),
        ('id,a\n1,"x"y\n', r"row 2: .*mend the quotes"),
        ('id,a\n1,"x\n' + "2,y\n" * 50_000, r"row 2: .*mend the quotes"),
    ],
)
def test_what_is_no_text_table_is_refused_with_the_line(read, content, message):
    with pytest.raises(CohortError, match=message):
        read(content)


_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(_CELLS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_the_csv_module_writes_under_a_plain_header_is_read_as_it_was(read, rows):
    text = StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c"], *rows])
    assert read(text.getvalue())[1:] == rows
