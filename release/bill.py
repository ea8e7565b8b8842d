"""A bill of materials in CycloneDX 1.6: what mmfeat and its installed extras need, as it is here.

make sbom
"""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import Distribution
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mmfeat
from release.closure import PROJECT, declared, installed_closure
from release.licences import known_licences, licence_of


def main() -> int:
    """Write the bill beside the built files."""
    asked = declared()
    wanted = [*asked.core, *(one for of in asked.for_users.values() for one in of)]
    packages, absent = installed_closure(wanted)
    file = PROJECT / "dist" / f"mmfeat-{mmfeat.__version__}.cdx.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(bill_of(packages, wanted), indent=1) + "\n", encoding="utf-8")
    print(f"{file.relative_to(PROJECT)}: {len(packages)} packages")
    if absent:
        print(f"not installed here, so not on it: {', '.join(absent)}")
    return 0


def bill_of(packages: Mapping[str, Distribution], wanted: list[Requirement]) -> dict[str, Any]:
    """Return the bill; the same packages give the same bytes, given ``SOURCE_DATE_EPOCH``.

    Args:
        packages: Everything needed, by canonical name.
        wanted: What mmfeat itself asks for.
    """
    known = known_licences()
    own = f"pkg:pypi/mmfeat@{mmfeat.__version__}"
    names = {canonicalize_name(one.name) for one in wanted} & set(packages)
    depends = [{"ref": own, "dependsOn": sorted(_purl(packages[name]) for name in names)}]
    depends += [
        {"ref": _purl(one), "dependsOn": needed_by(one, packages)} for one in packages.values()
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            **_when(),
            "component": {
                "type": "library",
                "bom-ref": own,
                "name": "mmfeat",
                "version": mmfeat.__version__,
                "purl": own,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": [
            {
                "type": "library",
                "bom-ref": _purl(package),
                "name": name,
                "version": package.version,
                "purl": _purl(package),
                "licenses": _licences(licence_of(package, known)),
            }
            for name, package in packages.items()
        ],
        "dependencies": depends,
    }


def needed_by(package: Distribution, packages: Mapping[str, Distribution]) -> list[str]:
    """Return references of those packages that one of them asks for itself."""
    found = set()
    for text in package.requires or ():
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        if (name := canonicalize_name(requirement.name)) in packages:
            found.add(_purl(packages[name]))
    return sorted(found)


def _purl(package: Distribution) -> str:
    # A build such as `2.13.0+cpu` is the version 2.13.0 of the index.
    version = package.version.partition("+")[0]
    return f"pkg:pypi/{canonicalize_name(package.metadata['Name'])}@{version}"


def _licences(text: str) -> list[dict[str, Any]]:
    try:
        expression = canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return [{"license": {"name": text}}]
    return [{"expression": expression}]


def _when() -> dict[str, str]:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return {}
    return {"timestamp": f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%dT%H:%M:%SZ}"}


if __name__ == "__main__":
    sys.exit(main())
