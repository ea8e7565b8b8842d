"""What is raised by torn and damaged files of tensors, by whichever reader."""

import struct
import zipfile

from safetensors import SafetensorError

TORN_TENSORS = (
    SafetensorError,
    zipfile.BadZipFile,
    EOFError,
    RuntimeError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    struct.error,
)
"""Of torch and safetensors; torch's reader of pickles meets bad bytes with most of these."""
