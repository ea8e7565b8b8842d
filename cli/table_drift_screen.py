"""What ``mmfeat table drift`` shows of a later table: the columns that differ, and how."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from mmfeat.wording import counted

if TYPE_CHECKING:
    from mmfeat.stages.table_drift import LaterColumn, TableDrift


def drift_table(drift: "TableDrift") -> Table:
    """Return a row for each column that differs or has news, the most certain ones first."""
    table = Table(title=f"What is new in {drift.file.name}")
    table.add_column("column", overflow="fold")
    for heading in ("missing then", "now", "distance", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("what is new", overflow="fold")
    shown = [column for column in drift.columns if column.differs or column.has_news]
    shown.sort(key=lambda column: (not column.absent, column.drift.p or 0.0))
    for column in shown:
        found = column.drift
        table.add_row(
            found.column,
            *(f"{100 * share:.1f} %" for share in found.missing),
            "-" if found.distance is None else f"{found.distance:.3f}",
            "-" if found.p is None else f"{found.p:.2g}",
            _news(column),
            style="bold" if column.differs else "",
        )
    return table


def drift_summary(drift: "TableDrift") -> str:
    """Return in one line what was compared and how much of it differs."""
    n_differ = sum(column.differs for column in drift.columns)
    n_news = sum(column.has_news and not column.differs for column in drift.columns)
    return (
        f"{drift.file}: {len(drift.columns)} columns of "
        f"{counted(drift.n_rows, 'row')}, compared with {drift.n_reference} cases of training and "
        f"validation; {n_differ or 'none'} differ{'s' * (n_differ == 1)} beyond chance, "
        f"{n_news or 'none'} of the others with values that training has not seen"
    )


def drift_json(drift: "TableDrift") -> dict[str, Any]:
    """Return every column, for scripts."""
    return {
        "faults": [],
        "file": str(drift.file),
        "n_rows": drift.n_rows,
        "n_reference": drift.n_reference,
        "notes": list(drift.notes),
        "columns": [
            {
                **vars(column.drift),
                "absent": column.absent,
                "differs": column.differs,
                "has_news": column.has_news,
            }
            for column in drift.columns
        ],
    }


def _news(column: "LaterColumn") -> str:
    found = column.drift
    if column.absent:
        return "not in the table"
    news = []
    if found.n_new:
        shown = ", ".join(found.new)
        news.append(f"in {counted(found.n_new, 'cell')}: {shown}")
    then, now = found.ranges
    if found.outside and then is not None and now is not None:
        (low, high), (lowest, highest) = then, now
        news.append(f"{found.outside} beyond {low:g} to {high:g}: {lowest:g} to {highest:g}")
    return "; ".join(news)
