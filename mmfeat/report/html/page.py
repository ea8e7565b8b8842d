"""The report of a run: one HTML file that needs nothing from anywhere else."""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from mmfeat.provenance import written_atomically
from mmfeat.report.html.blocks import Block, Section
from mmfeat.report.html.colours import N_METHODS, method_key
from mmfeat.report.html.drawing import numbered
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.sections.checklists import checklists_section
from mmfeat.report.html.sections.cohort import cohort_section
from mmfeat.report.html.sections.embeddings import embeddings_section
from mmfeat.report.html.sections.method_notes import method_notes_section
from mmfeat.report.html.sections.provenance import provenance_section
from mmfeat.report.html.sections.scans import scans_section
from mmfeat.report.html.sections.targets import target_section
from mmfeat.report.html.sections.verdict import verdict_section
from mmfeat.report.html.trimming import LARGEST_BYTES, fitted

REPORT = "report.html"
_CODE = re.compile("`([^`]+)`")
_ASSETS = files("mmfeat.report.html") / "assets"


@dataclass(frozen=True)
class Page:
    """Hold what the page says."""

    title: str
    kicker: str
    """Above the title, in small type."""
    about: str
    methods: Sequence[str]
    sections: Sequence[Section]
    footer: str


def write_report(
    folder: Path, output: Path | None = None, *, largest_bytes: int = LARGEST_BYTES
) -> Path:
    """Write the report of a run folder that was evaluated, atomically; return its file.

    Args:
        folder: The run folder.
        output: Where to write; None: report.html in the run folder.
        largest_bytes: Where the page would be larger, the least needed of it is left out.

    Raises:
        EvalError: There are no results, or a file cannot be read.
    """
    page = page_of(PageSource.read(folder))
    text = fitted(
        page.sections, lambda sections: render(replace(page, sections=sections)), largest_bytes
    )
    path = folder / REPORT if output is None else output
    with written_atomically(path) as partial:
        partial.write_text(text, encoding="utf-8")
    return path


def page_of(source: PageSource) -> Page:
    """Return what the report says of the results of a run."""
    results = source.results
    whole: list[Callable[[PageSource], Section]] = [verdict_section, cohort_section]
    rest = [
        scans_section,
        embeddings_section,
        method_notes_section,
        provenance_section,
        checklists_section,
    ]
    targets = [
        target_section(source, name, number) for number, name in enumerate(results["targets"])
    ]
    sections = [
        *(make(source) for make in whole),
        *targets,
        *(make(source) for make in rest),
    ]
    version = results.get("versions", {}).get("mmfeat", "")
    return Page(
        title=f"Evaluation of {', '.join(results['targets'])}",
        kicker=f"mmfeat {version}" + (f" · {source.evaluated}" if source.evaluated else ""),
        about=(
            f"{' and '.join(source.modalities)} · "
            f"{len(source.methods)} methods: {', '.join(source.methods)} · every number is of "
            "cases that no model saw in training"
        ),
        methods=source.methods,
        sections=[one for one in sections if one.blocks or one.parts],
        footer=(
            "Made by mmfeat from results.json and predictions.parquet of the run. "
            "For research; not a medical device, not for diagnosis."
        ),
    )


def render(page: Page) -> str:
    """Return the page as HTML, every name in it escaped.

    Its content policy lets nothing in from anywhere, and runs no script but its own.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["kind_of"] = _kind_of
    environment.globals["method_key"] = method_key
    environment.globals["methods"] = page.methods
    environment.filters["prose"] = _prose
    environment.filters["numbered"] = numbered
    style = _asset("page.css") + _method_rules(len(page.methods))
    script = _asset("page.js")
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    template = environment.from_string(_asset("page.html"))
    return template.render(
        page=page, style=style, script=script, policy=policy, n_colours=N_METHODS
    )


def _kind_of(block: Block) -> str:
    return type(block).__name__


def _prose(text: str) -> Markup:
    """Escape a text, and set what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _method_rules(n_methods: int) -> str:
    """Return the rules for the colour of each method, and for methods that are switched off."""
    lines = []
    for number in range(n_methods):
        lines.append(f".s{number} {{ background: var(--m{number % N_METHODS}) }}")
        lines.append(
            f"body:has(#method-{number}:not(:checked)) main .m{number} {{ display: none }}"
        )
    return "\n".join(lines) + "\n"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
