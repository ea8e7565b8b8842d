"""The page about a cohort's records: warnings, drift, and every column with its distribution."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from jinja2 import Environment

from mmfeat.errors import ConfigError
from mmfeat.report.contact_sheet_page import STYLE
from mmfeat.tabular.drift import ColumnDrift

_MOST_PLOTS = 200
_MOST_ASSOCIATED = 60
"""Columns up to which each pair is compared; a page of more takes minutes."""
CERTAIN = 0.01
"""Columns that drift with a smaller p than this are marked."""

_SHOWN = 12
"""Columns that differ most; the others are behind a click."""

_PAGE = """\
{% macro drift_table(rows) %}
<table class="drift">
<thead><tr><th>column</th><th>missing in training</th><th>in test</th><th>distance</th><th>p</th>
<th>new values</th><th>out of range</th></tr></thead>
<tbody>
{% for row in rows %}
<tr{% if row.p is not none and row.p < certain %} class="marked"{% endif %}>
<td>{{ row.column }}</td>
<td class="number">{{ "%.1f"|format(100 * row.missing[0]) }} %</td>
<td class="number">{{ "%.1f"|format(100 * row.missing[1]) }} %</td>
<td class="number">{{ "-" if row.distance is none else "%.3f"|format(row.distance) }}</td>
<td class="number">{{ "-" if row.p is none else "%.2g"|format(row.p) }}</td>
<td>{{ row.new | join(", ") }}</td>
<td class="number">{{ row.outside or "" }}</td></tr>
{% endfor %}
</tbody></table>
{% endmacro %}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
{{ style | safe }}
h2 { font-size: 18px; margin: 28px 0 6px }
.drift { border-collapse: collapse; margin: 8px 0 }
.drift th, .drift td { padding: 3px 12px 3px 0; border-bottom: 1px solid var(--line);
  text-align: left; font-variant-numeric: tabular-nums }
.drift td.number { text-align: right }
.marked { font-weight: 600 }
:root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #1b1f24; --soft: #59636e;
  --line: #d1d9e0 }
</style>
</head>
<body>
<header>
<h1>{{ title }}</h1>
<p>{{ page.subtitle }}</p>
</header>
<main style="display: block">
<h2>What may give the answer away</h2>
{% if page.warnings %}
<ul>{% for warning in page.warnings %}<li>{{ warning }}</li>{% endfor %}</ul>
{% else %}
<p>Nothing was found: no column tells a target almost alone, sounds like an outcome or holds later
dates, and neither site nor scanner tells one.</p>
{% endif %}
<h2>Drift from the training to the test part</h2>
<p>{{ page.drift_of }}. Columns with p below {{ certain }} (false discovery rate) are in bold.</p>
{{ drift_table(page.drift[:shown]) }}
{% if page.drift | length > shown %}
<details><summary>{{ page.drift | length - shown }} columns that differ less</summary>
{{ drift_table(page.drift[shown:]) }}
</details>
{% endif %}
<h2>Columns</h2>
<p>{{ page.columns_of }}. Click a column for its distribution; <em>Associations</em> compares
columns in pairs, targets among them.</p>
{{ columns | safe }}
</main>
<footer>{{ page.footer }}</footer>
</body>
</html>
"""


@dataclass(frozen=True)
class TablePage:
    """Hold what the page says beside the columns themselves."""

    title: str
    subtitle: str
    warnings: Sequence[str]
    drift: Sequence[ColumnDrift]
    drift_of: str
    columns_of: str
    footer: str


def table_page(page: TablePage, frame: pd.DataFrame) -> str:
    """Return the page as HTML that needs nothing from anywhere else.

    Args:
        page: What it says.
        frame: The columns as skrub's TableReport shows them: numbers as numbers, else text.

    Raises:
        ConfigError: skrub is not installed.
    """
    try:
        from skrub import TableReport
    except ModuleNotFoundError as error:
        raise ConfigError(
            'a report of the table needs skrub: pip install "mmfeat[tables]"'
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of skrub's own plots and tests, about constant columns
        columns = TableReport(
            frame,
            verbose=0,
            plot_distributions=len(frame.columns) <= _MOST_PLOTS,
            compute_associations=len(frame.columns) <= _MOST_ASSOCIATED,
        ).html_snippet()
    template = Environment(autoescape=True, trim_blocks=True).from_string(_PAGE.lstrip())
    return template.render(
        title=page.title,
        page=page,
        style=STYLE,
        columns=columns,
        certain=CERTAIN,
        shown=_SHOWN,
    )
