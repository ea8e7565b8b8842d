"""Facts are told with their units, and what cannot be told is not made up."""

from mmfeat.quality.wording import header_lines, measured_lines


def test_what_was_measured_has_units(good_facts):
    lines = measured_lines(good_facts(oblique_deg=12.4))
    assert lines["size"] == (
        "300 x 512 x 512 voxels of 1 x 0.7 x 0.7 mm, axes SPL, 12 degrees oblique"
    )
    assert lines["slices"] == "300, 1 mm apart"
    assert lines["coverage"] == "300 mm top to bottom, 358 mm front to back, 358 mm side to side"
    assert lines["values"] == "-1024 to 1800 HU, half of them from -980 to 20"
    assert lines["noise"] == "12.0 HU"
    assert lines["body"] == "50 % of the volume; 1 % of its outline at the edge"


def test_what_cannot_be_told_is_said(good_facts):
    lines = measured_lines(good_facts(air_hu=None, noise_hu=None))
    assert lines["air around"] == lines["noise"] == "cannot be told"


def test_the_header_is_told_as_far_as_there_is_one(good_facts):
    assert header_lines(good_facts()) == {
        "scanner": "A B",
        "kernel": "soft",
        "slice thickness, mm": "1",
    }
    assert header_lines(good_facts(header={})) == {}
