"""Windows as channels are named by a preset, or by centre and width."""

import pytest

from mmfeat.encoders.slices.slice_windows import PRESETS, windows_of
from mmfeat.errors import EncoderError


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_known_by_its_name(name):
    assert windows_of(name) == PRESETS[name]


def test_medsiglips_channels_are_the_three_windows_of_its_authors():
    assert list(windows_of("medsiglip").values()) == [(-1024, 1024), (-135, 215), (0, 80)]


def test_own_windows_keep_their_order_and_are_known_by_centre_and_width():
    windows = windows_of(" 400/1800,-600/1500 , 40.5/81")
    assert list(windows.items()) == [
        ("400/1800", (-500, 1300)),
        ("-600/1500", (-1350, 150)),
        ("40.5/81", (0, 81)),
    ]


def test_standardised_slices_have_no_windows():
    assert windows_of("standardised") is None


@pytest.mark.parametrize(
    "text",
    ["", "40", "40/", "/400", "a/b", "40/0", "40/-400", "40/400,", "nan/4", "40/inf", "1/2/3"],
)
def test_what_is_no_window_is_answered_with_all_that_is(text):
    with pytest.raises(
        EncoderError, match=r"neither one of lung-mediastinum-bone, .* nor centre/w"
    ):
        windows_of(text)


def test_a_misspelt_preset_is_answered_with_the_nearest():
    with pytest.raises(EncoderError, match=r"`medsiglp` is neither .*; did you mean `medsiglip`\?"):
        windows_of("medsiglp")


def test_a_window_that_is_named_twice_is_refused():
    with pytest.raises(EncoderError, match="`40/400` is named twice in `40/400, 40/400`"):
        windows_of("40/400, 40/400")
