"""A scan that is made up, to try encoders on."""

import numpy as np

from mmfeat.volumes.volume import Volume


def made_up_scan(
    shape: tuple[int, int, int] = (31, 58, 70),
    spacing_mm: tuple[float, float, float] = (2.5, 1.7, 1.6),
    *,
    turn_deg: float = 0.0,
    seed: int = 0,
) -> Volume:
    """Return a body in air with lungs, noise, metal and a scanner's padding.

    Its values are whole numbers as float32, its axes (slice, row, column) of a scan that lies as
    usual, turned about the body's axis, and no two of its sides look alike. Its point of interest
    is near its middle, between voxels.

    Example:
        >>> scan = made_up_scan((20, 40, 40), seed=3)
        >>> scan.hu.shape, bool((scan.hu == scan.hu.round()).all())
        ((20, 40, 40), True)
    """
    generator = np.random.default_rng(seed)
    n_slices, n_rows, n_columns = shape
    hu = np.full(shape, -1000, np.float32)
    body = (slice(None), slice(n_rows // 8, -n_rows // 6), slice(n_columns // 9, -n_columns // 7))
    hu[body] = 40 + seed
    for left in (n_columns // 5, n_columns * 11 // 20):
        hu[n_slices // 9 :, n_rows // 4 : n_rows // 2, left : left + n_columns // 4] = -860
    hu += generator.normal(0, 25, shape).astype(np.float32)
    hu[n_slices // 3, n_rows // 3, n_columns // 4 : n_columns // 3] = 3071
    hu[:, :2, :2] = -3024
    turn = np.deg2rad(turn_deg)
    turned = [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    lps_scan = np.array([[0.0, 0.0, -1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
    affine = np.eye(4)
    affine[:3, :3] = np.array(turned) @ lps_scan @ np.diag(spacing_mm)
    affine[:3, 3] = (60.5, 52.25, -300.0)
    right, anterior, superior, _ = (affine @ [*(0.43 * n for n in shape), 1]).tolist()
    return Volume(np.round(hu), affine, point_mm=(right, anterior, superior))
