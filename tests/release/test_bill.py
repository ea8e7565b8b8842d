import json

import mmfeat
from release.bill import bill_of
from release.closure import declared, installed_closure


def _bill():
    wanted = list(declared().core)
    packages, _ = installed_closure(wanted)
    return bill_of(packages, wanted), packages


def test_every_package_is_on_it_and_every_reference_leads_to_one():
    bill, packages = _bill()
    refs = {one["bom-ref"] for one in bill["components"]}
    assert len(refs) == len(packages)
    own = bill["metadata"]["component"]["bom-ref"]
    assert own == f"pkg:pypi/mmfeat@{mmfeat.__version__}"
    for one in bill["dependencies"]:
        assert {one["ref"], *one["dependsOn"]} <= {*refs, own}
    (of_mmfeat,) = (one["dependsOn"] for one in bill["dependencies"] if one["ref"] == own)
    assert len(of_mmfeat) == len(declared().core)


def test_licences_are_expressions_or_names():
    bill, _ = _bill()
    licences = {one["name"]: one["licenses"] for one in bill["components"]}
    assert licences["h5py"] == [{"expression": "BSD-3-Clause"}]
    assert all(len(one) == 1 for one in licences.values())


def test_the_same_packages_give_the_same_bytes(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first, second = (json.dumps(_bill()[0]) for _ in range(2))
    assert first == second
    assert '"timestamp": "2023-11-14T22:13:20Z"' in first
