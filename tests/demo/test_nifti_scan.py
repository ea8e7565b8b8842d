"""NIfTI files hold the same anatomy in whatever order it is stored."""

import gzip

import nibabel as nib
import numpy as np
import SimpleITK

from mmfeat.demo.nifti_scan import write_nifti
from mmfeat.volumes.reading import read_volume

N_FILES = 16


def test_every_file_holds_the_same_anatomy_in_its_own_order(small_scan, tmp_path):
    stored, acquisition = small_scan
    orders, tilted, types = set(), 0, set()
    for seed in range(N_FILES):
        path = tmp_path / f"{seed}.nii.gz"
        write_nifti(path, stored, acquisition, np.random.default_rng(seed))
        image = nib.load(path)
        orders.add("".join(nib.aff2axcodes(image.affine)))
        tilted += np.count_nonzero(np.abs(image.affine[:3, :3]) > 1e-6) > 3
        types.add(image.get_data_dtype().name)
        upright = nib.as_closest_canonical(image)
        np.testing.assert_array_equal(upright.get_fdata(), stored.transpose(2, 1, 0))
        spacing = np.linalg.norm(upright.affine[:3, :3], axis=0)
        np.testing.assert_allclose(spacing, acquisition.spacing_mm[::-1], rtol=1e-5)
    assert len(orders) >= 5
    assert 0 < tilted < N_FILES
    assert types == {"int16", "uint16"}


def test_mmfeat_and_simpleitk_read_the_same_numbers_at_the_same_places(small_scan, tmp_path):
    stored, acquisition = small_scan
    for seed in range(6):
        path = tmp_path / f"{seed}.nii.gz"
        write_nifti(path, stored, acquisition, np.random.default_rng(seed))
        volume, image = read_volume(path), SimpleITK.ReadImage(str(path))
        np.testing.assert_array_equal(volume.hu, SimpleITK.GetArrayFromImage(image))
        index = np.array([3, 5, 7])  # depth, height, width
        lps = image.TransformIndexToPhysicalPoint([int(number) for number in index[::-1]])
        ras = (volume.affine @ [*index, 1])[:3]
        np.testing.assert_allclose(ras, np.array(lps) * [-1, -1, 1], atol=1e-2)


def test_the_same_scan_gives_the_same_bytes_without_a_time(small_scan, tmp_path):
    stored, acquisition = small_scan
    for name in ("a.nii.gz", "b.nii.gz"):
        write_nifti(tmp_path / name, stored, acquisition, np.random.default_rng(3))
    content = (tmp_path / "a.nii.gz").read_bytes()
    assert content == (tmp_path / "b.nii.gz").read_bytes()
    assert content[4:8] == bytes(4)
    assert len(gzip.decompress(content)) == 352 + 2 * stored.size
