import warnings

import pytest

from mmfeat.volumes.dicom_warnings import silence_pydicom


def _warn(module: str) -> None:
    warnings.warn_explicit("odd", UserWarning, "file.py", 1, module=module)


def test_only_pydicom_is_silenced() -> None:
    silence_pydicom()
    _warn("pydicom.valuerep")
    with pytest.raises(UserWarning, match="odd"):
        _warn("mmfeat.stages.extraction.extract")


def test_the_filter_is_added_once() -> None:
    silence_pydicom()
    before = len(warnings.filters)
    silence_pydicom()
    assert len(warnings.filters) == before


def test_the_filter_comes_back_after_a_reset() -> None:
    silence_pydicom()
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("error")
        silence_pydicom()
        _warn("pydicom.filereader")
        with pytest.raises(UserWarning, match="odd"):
            _warn("other")
