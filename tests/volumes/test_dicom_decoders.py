import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import RLELossless

from mmfeat.volumes.dicom_decoders import decode_jpeg, decode_rle

UNSIGNED = hnp.arrays(
    st.sampled_from(["<u1", "<u2"]), st.tuples(st.integers(1, 9), st.integers(1, 9))
)


def _rle(values: NDArray[np.integer]) -> bytes:
    bits = values.itemsize * 8
    return RLELosslessEncoder.encode(
        values,
        rows=values.shape[0],
        columns=values.shape[1],
        samples_per_pixel=1,
        bits_allocated=bits,
        bits_stored=bits,
        pixel_representation=0,
        number_of_frames=1,
        photometric_interpretation="MONOCHROME2",
        transfer_syntax_uid=RLELossless,
        encoding_plugin="pydicom",  # GDCM ends the process on some of these
    )


@given(values=UNSIGNED)
def test_run_lengths_are_decoded_as_pydicom_encodes_them(values: NDArray[np.integer]) -> None:
    decoded = decode_rle(_rle(values), size=values.shape, n_bytes=values.itemsize)
    np.testing.assert_array_equal(decoded, values)
    assert decoded.dtype == values.dtype


@given(content=st.binary(max_size=200), n_bytes=st.sampled_from([1, 2, 4]))
def test_any_bytes_are_run_lengths_or_an_error(content: bytes, n_bytes: int) -> None:
    head = n_bytes.to_bytes(4, "little") + b"".join(
        (64 + 8 * segment).to_bytes(4, "little") for segment in range(15)
    )
    try:
        values = decode_rle(head + content, size=(3, 2), n_bytes=n_bytes)
    except (ValueError, RuntimeError):
        return
    assert values.shape == (3, 2)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"\0" * 63, "damaged RLE head"),
        (b"\3" + b"\0" * 100, "3 RLE segments for 2 bytes"),
        (_rle(np.zeros((2, 2), "<u2")), "buffer is smaller"),
    ],
)
def test_run_lengths_of_something_else_are_refused(frame: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode_rle(frame, size=(12, 10), n_bytes=2)


FAMILIES = ["JPEG", "JPEG-LS", "JPEG 2000", "JPEG 2000, HT", "JP2"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("bits", [12, 16])
def test_the_head_chooses_the_decoder(family: str, bits: int) -> None:
    values = (np.arange(120).reshape(12, 10) * (2**bits - 1) // 119).astype(np.uint16)
    frame = {
        "JPEG": lambda: imagecodecs.jpeg8_encode(values, lossless=True, bitspersample=bits),
        "JPEG-LS": lambda: imagecodecs.jpegls_encode(values),
        "JPEG 2000": lambda: imagecodecs.jpeg2k_encode(values, level=0, codecformat="j2k"),
        "JPEG 2000, HT": lambda: imagecodecs.htj2k_encode(values),
        "JP2": lambda: imagecodecs.jpeg2k_encode(values, level=0, codecformat="jp2"),
    }[family]
    decoded, head = decode_jpeg(bytes(frame()), size=(12, 10))
    np.testing.assert_array_equal(decoded, values)
    assert head.family == ("JPEG 2000" if family not in FAMILIES[:2] else family)
    assert head.bits in (bits, 16)  # some encoders know of whole bytes only


def test_a_frame_with_a_damaged_body_is_an_error_or_another_picture() -> None:
    frame = imagecodecs.jpeg2k_encode(np.zeros((12, 10), np.uint16), level=0, codecformat="j2k")
    with pytest.raises(RuntimeError, match="opj_decode"):
        decode_jpeg(bytes(frame[:-20]), size=(12, 10))
