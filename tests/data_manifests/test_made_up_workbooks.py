import openpyxl
from mmfeat.data_manifests.made_up_workbooks import write_workbook

ROWS = [["study id", "Findings", "Split"], ["a1", "<none> & clear", ""], ["a2", "x", "test"]]


def test_excel_programs_read_the_texts_that_were_written(tmp_path):
    write_workbook(tmp_path / "book.xlsx", ROWS)
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets[0]
    read = [["" if cell is None else cell for cell in row] for row in sheet.values]
    assert read == ROWS


def test_the_same_cells_give_the_same_bytes(tmp_path):
    for name in ("one.xlsx", "other.xlsx"):
        write_workbook(tmp_path / name, ROWS)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "other.xlsx").read_bytes()
