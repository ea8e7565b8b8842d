"""What users write in tables and names of files is shown, and neither obeyed nor read as markup."""

import ast
import io
from pathlib import Path

import pytest
from mmfeat.cli.console import PlainConsole, ProgressBar
from rich.progress import TextColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..stages.extraction_cohort import make_cohort

HOSTILE = "\x1b[2J[red]x[/]:warning:\x9b1m"
SHOWN = r"\x1b[2J[red]x[/]:warning:\x9b1m"
CASE = "[red]x[/]"
FILE = "\x1b[2J[red]x\x9b1m.nii.gz"
CLI = Path(__file__).resolve().parents[2] / "cli"


def _table(cell):
    table = Table(title=HOSTILE, caption=HOSTILE)
    table.add_column(HOSTILE, footer=HOSTILE, no_wrap=True)
    table.add_row(cell)
    grid = Table.grid()
    grid.add_row(table)
    return grid


@pytest.mark.parametrize(
    "shown",
    [HOSTILE, Text(HOSTILE, "bold"), _table(HOSTILE), _table(Text(HOSTILE)), Rule(HOSTILE)],
    ids=["line", "text", "cell", "cell of text", "rule"],
)
@pytest.mark.parametrize("is_terminal", [True, False])
def test_whatever_a_console_shows_is_shown_as_it_stands(shown, is_terminal):
    out = io.StringIO()
    console = PlainConsole(file=out, width=80, force_terminal=is_terminal, color_system=None)
    console.print(shown)
    assert SHOWN in out.getvalue()
    assert not {"\x1b", "\x9b"} & set(out.getvalue())


def test_cells_have_the_width_of_what_they_show():
    out = io.StringIO()
    PlainConsole(file=out, width=80).print(_table(HOSTILE))
    drawn = [line for line in out.getvalue().splitlines() if set("━│┃─") & set(line)]
    assert len(set(map(len, drawn))) == 1


def test_a_note_beside_a_bar_is_no_markup(capsys):
    with ProgressBar() as bar:
        bar.start(CASE, 2)
        bar.advance(note=HOSTILE)
    shown = capsys.readouterr().err
    assert r"\x1b[2J[red]x[/]" in shown  # cut where the line ends
    assert shown.lstrip().startswith(CASE)


def test_nothing_is_shown_but_through_these_consoles():
    for file in CLI.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            assert called not in ("Console", "print", "Text.from_markup"), file
            if called == TextColumn.__name__ and "{" in ast.unparse(node.args[0]):
                assert {"markup": "False"}.items() <= {
                    one.arg: ast.unparse(one.value) for one in node.keywords
                }.items(), file


def test_commands_show_ids_and_files_as_they_stand(mmfeat_shown, tmp_path):
    made = make_cohort(tmp_path, 3)
    made.scans = {f"{CASE}-{number}": scan for number, scan in enumerate(made.scans.values())}
    made.scans[f"{CASE}-1"] = f"scans/{FILE}"
    (tmp_path / "scans" / FILE).write_bytes(b"torn")
    made.write()
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(manifest.read_text().replace(f"patient of scans/{FILE}", "p"))
    for command, code in (
        (("extract", "--dry-run"), 0),
        (("extract",), 3),
        (("status",), 0),
        (("inspect", "--manifest"), 3),
    ):
        got, out, err = mmfeat_shown(*command, made.config, columns=400)
        assert got == code
        assert not {"\x1b", "\x9b"} & set(out + err)
        assert f"{CASE}-1" in out + err


def test_columns_and_cells_of_tables_are_shown_as_they_stand(mmfeat_shown, tmp_path):
    rows = [
        f"c{row},p{row},{row % 2},{40 + 7 * row % 31},{HOSTILE if row % 3 else 'B'}"
        for row in range(30)
    ]
    text = "\n".join([f"case_id,patient_id,cancer,age,{HOSTILE}", *rows])
    (tmp_path / "manifest.csv").write_text(text + "\n")
    code, out, _ = mmfeat_shown("init", "-m", "manifest.csv", columns=200)
    assert code == 0
    assert SHOWN in out
    assert not {"\x1b", "\x9b"} & set(out)
