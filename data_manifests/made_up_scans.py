"""Small made-up CT scans for the samples of cohorts, as NIfTI or MetaImage."""

import zlib
from collections.abc import Mapping
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.made_up_scan import made_up_scan
from mmfeat.volumes.volume import Volume

_SHAPE = (24, 32, 32)
_SPACING_MM = (9.0, 10.5, 10.5)
_LESION_HU = 45


def made_up_chest(seed: int, *, lesion: float = 0.0) -> Volume:
    """Return a coarse body with lungs, the same for the same seed.

    Args:
        seed: Of its noise.
        lesion: Share of the right lung that is airless, 0 to 1, so that labels can have something
            to do with the scan.
    """
    scan = made_up_scan(_SHAPE, _SPACING_MM, seed=seed % 1000)
    depth, height, width = _SHAPE
    n_slices = round(lesion * depth * 8 / 9)
    lung = np.s_[
        depth - n_slices :, height // 4 : height // 2, width // 5 : width // 5 + width // 4
    ]
    hu = scan.hu.copy()
    hu[lung] = np.maximum(hu[lung], _LESION_HU)
    return Volume(hu, scan.affine)


def write_nifti(path: Path, scan: Volume) -> None:
    """Write a scan as ``.nii.gz``, the same bytes for the same scan."""
    voxels = stored(scan).transpose(2, 1, 0)
    affine = scan.affine[:, [2, 1, 0, 3]]
    header = nib.Nifti1Header()
    header.set_data_shape(voxels.shape)
    header.set_data_dtype(np.int16)
    header.set_xyzt_units("mm", "sec")
    header.set_qform(affine, code="scanner")
    header.set_sform(affine, code="scanner")
    header["scl_slope"], header["scl_inter"] = 1.0, 0.0
    header["magic"], header["vox_offset"] = b"n+1", 352
    compress = zlib.compressobj(1, wbits=31)  # gzip without a time, so that bytes repeat
    content = header.binaryblock + bytes(4) + voxels.tobytes(order="F")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(compress.compress(content) + compress.flush())


def write_metaimage(path: Path, scan: Volume, fields: Mapping[str, str]) -> None:
    """Write a scan as ``.mha`` with further fields in its header, as ITK writes it."""
    voxels = stored(scan)
    columns = (scan.affine[:3, :3] * np.array([[-1.0], [-1.0], [1.0]]))[:, [2, 1, 0]]  # LPS+
    spacing = np.linalg.norm(columns, axis=0)
    origin = scan.affine[:3, 3] * (-1, -1, 1)
    packed = zlib.compress(voxels.tobytes(), 1)
    lines = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "True",
        "CompressedDataSize": str(len(packed)),
        "TransformMatrix": _numbers((columns / spacing).T.ravel()),
        "Offset": _numbers(origin),
        "CenterOfRotation": "0 0 0",
        "ElementSpacing": _numbers(spacing),
        "DimSize": _numbers(np.array(voxels.shape[::-1])),
        "AnatomicalOrientation": "RAI",
        **fields,
        "ElementType": "MET_SHORT",
        "ElementDataFile": "LOCAL",
    }
    header = "".join(f"{key} = {value}\n" for key, value in lines.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + packed)


def stored(scan: Volume) -> NDArray[np.int16]:
    """Return the values of a scan as files hold them: ``(depth, height, width)``, int16."""
    return np.asarray(scan.hu, np.int16)


def _numbers(values: NDArray[np.generic]) -> str:
    return " ".join(f"{value:g}" for value in values.tolist())
