from packaging.requirements import Requirement

from release.closure import declared, installed_closure, size_bytes


def test_requirements_are_followed_to_the_end():
    packages, absent = installed_closure([Requirement("jinja2>=3.1"), Requirement("no-such-one")])
    assert list(packages) == ["jinja2", "markupsafe"]
    assert absent == ["no-such-one"]


def test_extras_and_markers_say_what_is_needed():
    plain, _ = installed_closure([Requirement("fsspec")])
    assert list(plain) == ["fsspec"]
    other, _ = installed_closure([Requirement("jinja2; python_version < '3'")])
    assert other == {}


def test_a_package_has_the_size_of_its_files():
    packages, _ = installed_closure([Requirement("einops")])
    assert 50_000 < size_bytes(packages["einops"]) < 2_000_000


def test_users_do_not_install_what_developers_need():
    extras = declared().for_users
    assert "remote" in extras
    assert not {"dev", "docs"} & set(extras)
