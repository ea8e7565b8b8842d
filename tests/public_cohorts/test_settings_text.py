"""Settings that are shipped beside a cohort's builder."""

from mmfeat.public_cohorts.settings_text import shipped_settings


def test_texts_come_in_the_order_asked_for():
    found = shipped_settings("mmfeat.data_manifests.nlst", ["paper.yaml", "mmfeat.yaml"])
    assert list(found) == ["paper.yaml", "mmfeat.yaml"]
    assert all("manifest: table.csv" in text for text in found.values())
