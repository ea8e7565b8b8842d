"""How the pixels of a DICOM file are stored, and whether that can be true."""

from collections.abc import Container
from dataclasses import dataclass

from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_file import DicomFile
from mmfeat.volumes.dicom_values import DicomHeader, PixelElement

_LARGEST_SIDE = 8192
"""Micro-CT reach 4096 pixels; a damaged header promises up to 65535 x 65535 of them."""


@dataclass(frozen=True)
class PixelLayout:
    """Hold what is needed to find and decode the frames of a file."""

    file: DicomFile
    place: str
    element: PixelElement | None
    syntax: UID
    """The transfer syntax, which says how the pixels are compressed."""
    little_endian: bool
    size: tuple[int, int]
    """Rows and columns."""
    n_frames: int
    bits_allocated: int
    """What one pixel takes in the file: 8, 16 or 32."""
    bits_stored: int
    """How many of them belong to its value ..."""
    high_bit: int
    """... and the number of the highest of these; the others may hold anything."""
    signed: bool

    @property
    def is_compressed(self) -> bool:
        """Whether frames are compressed; a known length says no, whatever the syntax claims."""
        return self.element is not None and self.element.length is None

    @property
    def frame_bytes(self) -> int:
        """What one frame takes when it is not compressed."""
        return self.size[0] * self.size[1] * self.bits_allocated // 8

    def sound_element(self) -> PixelElement:
        """Return where the pixels are; refuse what is not there, before memory is taken for it.

        Raises:
            VolumeError: There are no pixels, or fewer than the header promises.
        """
        if self.element is None:
            raise self.damaged("there is no pixel data")
        if self.element.length is not None:
            there = min(self.element.length, max(self.file.size_bytes - self.element.offset, 0))
            promised = self.frame_bytes * self.n_frames
            if there < promised:
                raise self.damaged(f"{there} of {promised} bytes are there")
        return self.element

    def damaged(self, reason: str) -> VolumeError:
        """Return an error that names the file."""
        return VolumeError(f"{self.place}: truncated or damaged pixels ({reason}); copy it again")


def pixel_layout(header: DicomHeader) -> PixelLayout:
    """Take what describes the pixels from a file's header.

    Raises:
        VolumeError: A field is missing or senseless.
    """
    bits_allocated = _whole(header, "BitsAllocated", among=(8, 16, 32))
    bits_stored = _whole(
        header, "BitsStored", among=range(1, bits_allocated + 1), default=bits_allocated
    )
    high_bit = int(header.number("HighBit", default=bits_stored - 1))
    is_senseless = not bits_stored <= high_bit + 1 <= bits_allocated
    is_implicit, little_endian = header.dataset.original_encoding
    guessed = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
    return PixelLayout(
        file=header.file,
        place=header.place,
        element=header.pixels,
        syntax=UID(header.meta("TransferSyntaxUID") or guessed),
        little_endian=little_endian,
        size=(
            _whole(header, "Rows", among=range(1, _LARGEST_SIDE + 1)),
            _whole(header, "Columns", among=range(1, _LARGEST_SIDE + 1)),
        ),
        n_frames=_whole(header, "NumberOfFrames", among=range(1, 2**31), default=1),
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=bits_stored - 1 if is_senseless else high_bit,  # most readers never look at it
        signed=bool(_whole(header, "PixelRepresentation", among=(0, 1))),
    )


def _whole(
    header: DicomHeader, keyword: str, *, among: Container[int], default: int | None = None
) -> int:
    value = header.number(keyword, default)
    whole = int(value)  # which a range finds at once; a float it would compare to each number
    if whole != value or whole not in among:
        raise header.broken(f"{keyword} is {value:g}")
    return whole
