"""The licences of what mmfeat imports: read from the packages, and refused where they are copyleft.

    python -m release.licences

Ends with 1 where a package is under the GPL, LGPL or AGPL (without a choice of another licence), or
does not say. The MPL counts file by file and asks nothing of programs that import such files.
"""

import re
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import Distribution

from release.closure import PROJECT, declared, installed_closure

UNKNOWN = "not stated"
_COPYLEFT = re.compile(r"\b[AL]?GPL|GNU|General Public|CC-BY-NC|CC-BY-SA|SSPL|BUSL", re.IGNORECASE)
_NAMES = (
    (r"mit license|^mit$|permission is hereby granted, free of charge", "MIT"),
    (r"^bsd.?3|3-clause|new bsd", "BSD-3-Clause"),
    (r"^bsd.?2|2-clause", "BSD-2-Clause"),
    (r"redistribution and use in source and binary forms", "BSD"),
    (r"^apache", "Apache-2.0"),
    (r"python software foundation|^psf", "PSF-2.0"),
    (r"mpl.?2|mozilla public license 2", "MPL-2.0"),
    (r"^bsd", "BSD"),
    (r"^isc", "ISC"),
    (r"unlicense", "Unlicense"),
    (r"gnu|gpl", "GPL or LGPL"),
)
_SPDX = re.compile(r"[A-Za-z0-9.+ ()-]{2,60}")


def licence_of(package: Distribution, known: Mapping[str, str]) -> str:
    """Return the licence that a package states, as an SPDX expression where it can be told.

    Args:
        package: An installed package.
        known: Licences of packages that do not say theirs so that it can be read, by name.
    """
    told = package.metadata
    if told["Name"].lower() in known:
        return known[told["Name"].lower()]
    if told["License-Expression"]:
        return told["License-Expression"]
    classifiers = [
        one.split("::")[-1].strip()
        for one in told.get_all("Classifier") or ()
        if one.startswith("License ::") and one.count("::") > 1
    ]
    texts = [*classifiers, (told["License"] or "").strip()]
    found = [name for text in texts if (name := _recognised(text))]
    # A classifier may be vaguer than the field: `BSD License` beside `BSD-3-Clause`.
    exact = [name for name in found if name != "BSD"]
    return " AND ".join(dict.fromkeys(exact or found)) or UNKNOWN


def is_refused(licence: str) -> bool:
    """Say whether a licence asks something of programs that import the package.

    Example:
        >>> [is_refused(one) for one in ("MIT", "GPL-3.0-only", "MIT OR GPL-2.0", "MPL-2.0")]
        [False, True, False, False]
    """
    return licence == UNKNOWN or all(
        _COPYLEFT.search(choice) is not None for choice in re.split(r"\bOR\b", licence)
    )


def known_licences() -> dict[str, str]:
    """Read the licences that were looked up by hand."""
    text = (PROJECT / "release" / "dependencies.toml").read_text(encoding="utf-8")
    known: dict[str, str] = tomllib.loads(text)["licences"]
    return known


def main() -> int:
    """Check everything that mmfeat and its extras for users import, as it is installed here."""
    asked = declared()
    wanted = [*asked.core, *(one for of in asked.for_users.values() for one in of)]
    packages, absent = installed_closure(wanted)
    known = known_licences()
    licences = {name: licence_of(package, known) for name, package in packages.items()}
    wrong = {name: licence for name, licence in licences.items() if is_refused(licence)}
    for name, licence in wrong.items():
        print(f"{name}: {licence}; take it out, or look up its licence (release/dependencies.toml)")
    print(f"{len(licences)} packages looked at, {len(wrong)} refused")
    if absent:
        print(f"not installed here, so not looked at: {', '.join(absent)}")
    return 1 if wrong else 0


def _recognised(text: str) -> str | None:
    if not text or text.upper() in ("UNKNOWN", "OTHER/PROPRIETARY LICENSE"):
        return None
    for pattern, name in _NAMES:
        if re.search(pattern, text, re.IGNORECASE):
            return name
    return text if _SPDX.fullmatch(text) else None


if __name__ == "__main__":
    sys.exit(main())
