"""Whether all files agree on what is released: version, day, changelog, citation, fixtures."""

import re
import sys

import yaml

import mmfeat
from release.closure import PROJECT


def main() -> int:
    """Say what does not agree."""
    found = disagreements(mmfeat.__version__)
    for line in found:
        print(line)
    return 1 if found else 0


def disagreements(version: str) -> list[str]:
    """Return, in a line each, where the files do not say the same of a version.

    Args:
        version: What is released, as ``mmfeat.__version__`` says it.
    """
    found = []
    changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(
        rf"^## {re.escape(version)} \((\d{{4}}-\d\d-\d\d)\)$", changes, re.MULTILINE
    )
    if section is None:
        found.append(f"CHANGELOG.md: has no section `## {version} (YYYY-MM-DD)`")
    cited = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    if cited["version"] != version:
        found.append(f"CITATION.cff: is of {cited['version']}, and mmfeat of {version}")
    if section is not None and cited["date-released"] != section[1]:
        found.append(
            f"CITATION.cff: released on {cited['date-released']}, CHANGELOG.md says {section[1]}"
        )
    if not (PROJECT / "tests" / "formats" / f"{version}.tar.xz").is_file():
        found.append(
            f"tests/formats: has no files of {version}; run python -m tests.formats.write_fixtures"
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
