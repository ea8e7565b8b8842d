import numpy as np
import pytest
from monai.transforms import ScaleIntensityRange

from mmfeat.preprocessing.intensity import scale_window, window_of


@pytest.mark.parametrize("window_hu", [(-1024.0, 2048.0), (-1000.0, 1000.0), (-160.0, 240.0)])
def test_the_numbers_are_those_of_monai(volume, as_monai, window_hu):
    theirs = ScaleIntensityRange(*window_hu, 0, 1, clip=True)(as_monai(volume))[0].numpy()
    np.testing.assert_allclose(scale_window(volume.hu, window_hu), theirs, atol=1e-6)


def test_int16_becomes_float32_even_where_the_difference_is_beyond_int16():
    scaled = scale_window(np.array([-32768, 0, 32767], np.int16), (-32768.0, 32767.0))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [0, 32768 / 65535, 1])


def test_values_can_be_scaled_in_place():
    hu = np.array([-3000.0, 0.0, 3000.0], np.float32)
    assert scale_window(hu, (-1000.0, 1000.0), out=hu) is hu
    assert hu.tolist() == [0.0, 0.5, 1.0]


def test_the_given_values_are_left_as_they_are():
    hu = np.array([-3000.0, 0.0, 3000.0], np.float32)
    scale_window(hu, (-1000.0, 1000.0))
    assert hu.tolist() == [-3000.0, 0.0, 3000.0]


def test_a_window_upside_down_is_refused():
    with pytest.raises(ValueError, match=r"low < high, got \(10.0, 0.0\)"):
        scale_window(np.zeros(1, np.float32), (10.0, 0.0))


def test_centre_and_width_name_a_window():
    assert window_of(40, 400) == (-160.0, 240.0)
