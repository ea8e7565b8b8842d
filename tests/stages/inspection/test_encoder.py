"""What an encoder sees is shown the right way round, or said not to be an image."""

import numpy as np
import pytest

from mmfeat import encoders
from mmfeat.encoders.contract import Encoder
from mmfeat.errors import VolumeError
from mmfeat.stages.inspection.encoder import encoder_view
from mmfeat.stages.scan_tokens import TokenRule
from mmfeat.volumes import Volume

SPL = np.array([[0.0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])


class Numbered:
    """An encoder whose input is what it was made with."""

    name = "numbered"
    embedding_size = token_size = 1
    weights_sha256 = None
    usual_batch = 1
    windows_alone = True

    def __init__(self, windows, recipe=None):
        self.windows, self.recipe = windows, recipe or {}

    def load(self):
        pass

    def prepare(self, volume):
        if self.windows is None:
            raise VolumeError("nothing is above 0 HU")
        return self.windows

    def encode(self, batch, usage=None):
        return batch

    def pool(self, features):
        return features


@pytest.fixture(scope="module")
def volume():
    affine = SPL @ np.diag([5.0, 2.0, 1.0, 1.0])
    return Volume(np.zeros((4, 5, 6), np.float32), affine)


def test_our_encoder_fits_the_contract():
    assert isinstance(Numbered(None), Encoder)


@pytest.mark.parametrize(
    ("axes", "order", "flips"), [("SPL", (0, 1, 2), ()), ("RAS", (2, 1, 0), (0, 1))]
)
def test_a_window_is_turned_upright_by_the_axes_of_its_recipe(volume, axes, order, flips):
    upright = np.arange(4 * 5 * 6, dtype=np.float32).reshape(4, 5, 6)
    window = np.flip(upright.transpose(order), flips)
    recipe = {"prepare": [{"orient": axes}, {"resample_mm": [(3.0, 2.0, 1.0)[k] for k in order]}]}
    view = encoder_view(Numbered(window[None, None], recipe), volume)
    axial, coronal, sagittal = view.pictures
    np.testing.assert_array_equal(axial.values, upright[2])
    np.testing.assert_array_equal(coronal.values, upright[::-1, 2])
    np.testing.assert_array_equal(sagittal.values, upright[::-1, :, 3])
    assert axial.pixel_mm == pytest.approx((2.0, 1.0))
    assert coronal.pixel_mm == pytest.approx((3.0, 1.0))
    assert axial.window == (0.0, 119.0)
    assert view.summary == (
        f"1 window of 1 x {' x '.join(str(n) for n in window.shape)}, values 0 to 119"
    )


def test_a_recipe_without_spacing_keeps_that_of_the_volume(volume):
    window = np.zeros((6, 5, 4), np.float32)
    view = encoder_view(Numbered(window[None, None], {"prepare": [{"orient": "RAS"}]}), volume)
    axial, coronal, _ = view.pictures
    assert (axial.pixel_mm, coronal.pixel_mm) == (pytest.approx((2, 1)), pytest.approx((5, 1)))


def test_of_several_windows_the_middle_one_is_shown_and_counted(volume):
    windows = np.arange(5, dtype=np.float32)[:, None, None, None, None] * np.ones((5, 1, 2, 3, 4))
    view = encoder_view(Numbered(windows.astype(np.float32)), volume)
    assert [picture.title for picture in view.pictures] == [
        f"{name}, window 3 of 5" for name in ("axial", "coronal", "sagittal")
    ]
    assert {float(value) for picture in view.pictures for value in picture.values.flat} == {2.0}
    assert view.pictures[0].window == (0.0, 4.0)


@pytest.mark.parametrize(("n_slices", "shown"), [(9, (2, 4, 6)), (2, (0, 1)), (1, (0,))])
def test_slices_are_shown_in_colour_where_they_have_three_channels(volume, n_slices, shown):
    slices = np.arange(n_slices, dtype=np.float32)[:, None, None, None] * np.ones((1, 3, 4, 5))
    view = encoder_view(Numbered(slices.astype(np.float32)), volume)
    assert [picture.title for picture in view.pictures] == [
        f"slice {number + 1} of {n_slices}" for number in shown
    ]
    assert {picture.values.shape for picture in view.pictures} == {(4, 5, 3)}
    grey = encoder_view(Numbered(slices[:, :1].astype(np.float32)), volume)
    assert {picture.values.shape for picture in grey.pictures} == {(4, 5)}


def test_numbers_are_said_to_be_no_image(volume):
    view = encoder_view(encoders.create("intensity-stats"), volume)
    assert view.pictures == ()
    assert view.summary.startswith("1 window of 89, values ")
    assert view.summary.endswith(": numbers, not an image")


def test_a_volume_that_cannot_be_given_is_said_why(volume):
    view = encoder_view(Numbered(None), volume)
    assert view.pictures == ()
    assert view.summary == "it cannot be given to numbered: nothing is above 0 HU"


@pytest.mark.parametrize(("name", "n_pictures"), [("slices-lite0", 3), ("merlin", 3), ("ct-fm", 3)])
def test_every_encoder_that_sees_images_has_pictures(tmp_path, name, n_pictures):
    weights = tmp_path / "weights.pt"
    weights.write_bytes(b"not read to prepare")
    file_needed = encoders.encoder_class(name).weights_source.file_needed
    encoder = encoders.create(name, weights=weights if file_needed else None, device="cpu")
    hu = np.full((12, 60, 60), -1000, np.float32)
    hu[:, 10:50, 10:50] = 50
    view = encoder_view(encoder, Volume(hu, SPL @ np.diag([5.0, 4.0, 4.0, 1.0])))
    assert len(view.pictures) == n_pictures


def test_the_tokens_that_are_kept_are_told():
    hu = np.full((12, 40, 40), -1000, np.int16)
    hu[2:-2, 5:-5, 5:-5] = 40
    volume = Volume(hu, SPL @ np.diag([5.0, 4.0, 4.0, 1.0]))
    slices = np.zeros((9, 1, 8, 8), np.float32)
    view = encoder_view(Numbered(slices), volume, TokenRule(4, 16))
    assert view.summary.endswith(", kept as 4 tokens of 16 values")
    one = encoder_view(Numbered(slices[:1]), volume, TokenRule(4, 16))
    assert one.summary.endswith(", kept as 1 token of 16 values")
    assert "kept as" not in encoder_view(Numbered(slices), volume).summary
