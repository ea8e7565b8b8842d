"""Read CT volumes from NIfTI files and DICOM folders, in Hounsfield units."""

from mmfeat.volumes.reading import read_volume
from mmfeat.volumes.source import SourceStamp, source_sha256, source_stamp, source_stat
from mmfeat.volumes.volume import Volume

__all__ = ["SourceStamp", "Volume", "read_volume", "source_sha256", "source_stamp", "source_stat"]
