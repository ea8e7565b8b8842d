"""Facts survive being stored as JSON, and those of another version are not taken for ours."""

import json

import pytest

from mmfeat.quality import QUALITY_VERSION, QualityFacts, measure
from mmfeat.volumes import ReadingNote


def test_facts_come_back_from_json_as_they_were(volume_of, body_hu):
    notes = (ReadingNote("derived", "a reformat"), ReadingNote("left-out", "1 x report"))
    facts = measure(volume_of(body_hu, header={"kernel": "B30f"}, notes=notes))
    text = json.dumps(facts.to_json(), allow_nan=False)
    assert QualityFacts.from_json(json.loads(text)) == facts


@pytest.mark.parametrize("version", [None, QUALITY_VERSION + 1])
def test_facts_of_another_version_are_refused(good_facts, version):
    with pytest.raises(ValueError, match=f"must be of version {QUALITY_VERSION}, got {version}"):
        QualityFacts.from_json(good_facts().to_json() | {"version": version})
