import mmfeat
from release.facts import disagreements


def test_all_files_agree_on_the_version_and_its_day():
    assert disagreements(mmfeat.__version__) == []


def test_a_version_that_nobody_wrote_about_is_told():
    found = disagreements("9.9.9")
    assert [line.split(":")[0] for line in found] == [
        "CHANGELOG.md",
        "CITATION.cff",
        "tests/formats",
    ]
