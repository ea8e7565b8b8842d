"""Write docs/dependencies.md: every dependency with why, licence and size, and what starting takes.

    make dependencies

Sizes, licences and times are those of the environment that it runs in; tests compare names and
ranges on the page with pyproject.toml.
"""

import platform
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import Distribution

from jinja2 import Environment, StrictUndefined
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from release.build import SHIPPED
from release.closure import PROJECT, Declared, declared, installed_closure, size_bytes
from release.licences import known_licences, licence_of
from release.measuring import start_times_s

PAGE = PROJECT / "docs" / "dependencies.md"
TEMPLATE = PROJECT / "release" / "dependencies_page.md"
REASONS = PROJECT / "release" / "dependencies.toml"

Installed = Mapping[str, Distribution]
"""Packages by their canonical names."""


def main() -> int:
    """Measure, and write the page."""
    asked = declared()
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    core, _ = installed_closure(asked.core)
    every, _ = installed_closure([*asked.core, *(o for of in asked.extras.values() for o in of)])
    users, _ = installed_closure([*asked.core, *(o for of in asked.for_users.values() for o in of)])
    known = known_licences()
    page = Environment(undefined=StrictUndefined, keep_trailing_newline=True).from_string(
        TEMPLATE.read_text(encoding="utf-8")
    )
    text = page.render(
        core=core_table(asked.core, reasons["core"], every),
        n_core=len(core),
        core_mb=_mb(sum(map(size_bytes, core.values()))),
        torch_version=core["torch"].version,
        torch_mb=_mb(size_bytes(core["torch"])),
        own_mb=_mb(_own_bytes()),
        extras=extras_table(asked, reasons["extras"], every),
        weak=", ".join(f"`{n}`" for n, one in users.items() if "MPL" in licence_of(one, known)),
        starts=starts_table(start_times_s()),
        machine=f"Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        day=f"{datetime.now(UTC):%Y-%m-%d}",
    )
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.relative_to(PROJECT)}: written")
    return 0


def core_table(wanted: Sequence[Requirement], why: Mapping[str, str], installed: Installed) -> str:
    """Return the table of what mmfeat always needs."""
    head = ["| package | why | licence | MB |", "|---|---|---|--:|"]
    return "\n".join([*head, *(_row(one, why, installed) for one in wanted)])


def extras_table(
    asked: Declared, why: Mapping[str, Mapping[str, str]], installed: Installed
) -> str:
    """Return the table of all extras but that of developers."""
    lines = ["| extra | package | why | licence | MB |", "|---|---|---|---|--:|"]
    for name, wanted in asked.extras.items():
        if name != "dev":
            lines += [f"| `{name}` {_row(one, why[name], installed)}" for one in wanted]
    return "\n".join(lines)


def starts_table(seconds: Mapping[str, float]) -> str:
    """Return the table of how long starting takes."""
    lines = ["| start | seconds |", "|---|--:|"]
    return "\n".join([*lines, *(f"| {name} | {value:.2f} |" for name, value in seconds.items())])


def _row(requirement: Requirement, why: Mapping[str, str], installed: Installed) -> str:
    package = installed.get(canonicalize_name(requirement.name))
    licence, size = "", ""
    if package is not None:
        licence = licence_of(package, known_licences())
        size = _mb(size_bytes(package))
    return f"| `{requirement}` | {why[requirement.name]} | {licence} | {size} |"


def _own_bytes() -> int:
    files = [file for name in SHIPPED for file in (PROJECT / name).rglob("*")]
    return sum(one.stat().st_size for one in files if one.is_file() and one.suffix != ".pyc")


def _mb(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f}" if n_bytes < 10e6 else f"{n_bytes / 1e6:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
