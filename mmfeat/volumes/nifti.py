"""Read a NIfTI-1 or NIfTI-2 file, plain or gzipped, or a pair of header and image."""

from pathlib import Path

import nibabel
import numpy as np

from mmfeat.errors import VolumeError
from mmfeat.volumes.nifti_geometry import affine_of
from mmfeat.volumes.nifti_header import packing_of, read_nifti_header
from mmfeat.volumes.nifti_pair import is_nifti_pair, pair_files
from mmfeat.volumes.stored_voxels import StoredVoxels, read_hu
from mmfeat.volumes.volume import Volume
from mmfeat.volumes.volume_shape import volume_shape


def read_nifti(path: Path) -> Volume:
    """Read a NIfTI file; slope and intercept are applied once, as the file states them.

    The whole file is unpacked and its checksum compared; nibabel stops at the last voxel. Nothing
    of the header's free text is kept: it may say who the patient is.

    Raises:
        VolumeError: The file is damaged, holds no 3-D image, or does not say where its voxels are.
    """
    is_pair = is_nifti_pair(path)
    header_file, voxel_file = pair_files(path) if is_pair else (path, path)
    header = read_nifti_header(path, header_file, is_pair=is_pair)
    shape, notes = volume_shape(path, [int(length) for length in header.get_data_shape()])
    affine, remarks = affine_of(path, header, shape=shape)
    slope, intercept = header.get_slope_inter()
    voxels = StoredVoxels(
        file=voxel_file,
        shape=shape,
        dtype=_dtype(path, header),
        packing=packing_of(path, voxel_file),
        skipped_bytes=_offset(path, header, is_pair=is_pair),
        slope=1.0 if slope is None else slope,
        intercept=0.0 if intercept is None else intercept,
    )
    hu, further = read_hu(path, voxels)
    return Volume(hu=hu, affine=affine, notes=(*notes, *remarks, *further))


def _dtype(path: Path, header: nibabel.Nifti1Header) -> np.dtype[np.generic]:
    dtype: np.dtype[np.generic] = header.get_data_dtype()
    if dtype.fields is not None:
        raise VolumeError(
            f"{path}: colour (RGB) voxels, a CT has one real number for each; give the original"
        )
    return dtype


def _offset(path: Path, header: nibabel.Nifti1Header, *, is_pair: bool) -> int:
    offset = int(header.get_data_offset())
    if offset < (0 if is_pair else header.sizeof_hdr):
        raise VolumeError(f"{path}: broken NIfTI header: its voxels would begin at byte {offset}")
    return offset
