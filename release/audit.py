"""Known vulnerabilities of what mmfeat and its installed extras need, by PyPI's advisories.

    make audit

Ends with 1 where there is one. Where the database cannot be reached it says so, and ends with 0:
a check that cannot be made is no finding.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from release.closure import declared, installed_closure

_NO_ANSWER = ("ConnectionError", "ServiceError", "Timeout", "ProxyError", "SSLError", "HTTPError")


def main() -> int:
    """Ask pip-audit, whose program is the only argument."""
    asked = declared()
    wanted = [*asked.core, *(one for of in asked.for_users.values() for one in of)]
    packages, _ = installed_closure(wanted)
    # Of a build such as `2.13.0+cpu`, the index knows 2.13.0.
    pins = [f"{name}=={one.version.partition('+')[0]}" for name, one in packages.items()]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "pins.txt").write_text("\n".join(pins) + "\n")
        output = place / "found.json"
        words = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        run = subprocess.run(
            [sys.argv[1], *words, "--requirement", place / "pins.txt", "--output", output],
            capture_output=True,
            text=True,
        )
        answered = output.is_file()
        found = json.loads(output.read_text()) if answered else {}
    if answered:
        return verdict(found)
    last = (run.stderr.strip().splitlines() or ["no reason"])[-1]
    if any(word in run.stderr for word in _NO_ANSWER):
        print(f"audit: not done, the advisory database cannot be reached ({last[:160]})")
        return 0
    print(f"audit: pip-audit ended with {run.returncode}: {last}")
    return 1


def verdict(found: dict[str, Any]) -> int:
    """Say what pip-audit found; return the exit code.

    Args:
        found: What it writes as JSON.
    """
    packages = found["dependencies"]
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    if len(unknown) == len(packages):
        print(
            "audit: not done, the advisory database cannot be reached (what answers in its place "
            "knows none of the packages)"
        )
        return 0
    vulnerable = [one for one in packages if one.get("vulns")]
    for one in vulnerable:
        for known in one["vulns"]:
            mended = ", ".join(known["fix_versions"]) or "none yet"
            print(f"{one['name']} {one['version']}: {known['id']}, mended in {mended}")
    print(f"audit: {len(packages) - len(unknown)} packages, {len(vulnerable)} with advisories")
    if unknown:
        print(f"audit: not known to the database: {', '.join(unknown)}")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
