"""A small index with the columns of the real one; nothing in it is of a real patient."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mmfeat.public_cohorts.idc.index_files import IndexFiles

VERSION = "25.0.5"
ONE = {
    "collection_id": "lung_ct",
    "analysis_result_id": None,
    "PatientID": "P1",
    "PatientAge": "061Y",
    "PatientSex": "F",
    "StudyInstanceUID": "1.1",
    "StudyDate": "2001-01-02",
    "SeriesInstanceUID": "1.1.1",
    "SeriesNumber": "2",
    "SeriesDescription": "1.0 mm; lung",
    "BodyPartExamined": "CHEST",
    "Modality": "CT",
    "Manufacturer": "SIEMENS",
    "ManufacturerModelName": "Model A",
    "instanceCount": 120,
    "license_short_name": "CC BY 4.0",
    "source_DOI": "10.1/ABC",
    "series_aws_url": "s3://bucket/u1/*",
    "series_size_MB": 60.0,
}
SERIES = [
    ONE,
    ONE
    | {"SeriesInstanceUID": "1.1.2", "instanceCount": 240, "SeriesDescription": "0.5 mm"}
    | {"series_aws_url": "s3://bucket/u2/*", "series_size_MB": 120.0, "SeriesNumber": "3"},
    ONE | {"SeriesInstanceUID": "1.1.3", "instanceCount": 2, "SeriesDescription": "scout"},
    ONE | {"SeriesInstanceUID": "1.1.4", "Modality": "SEG", "instanceCount": 1},
    ONE | {"SeriesInstanceUID": "1.1.5", "analysis_result_id": "reader_study"},
    ONE
    | {"PatientID": "P2", "StudyInstanceUID": "2.1", "SeriesInstanceUID": "2.1.1"}
    | {
        "PatientAge": "000Y",
        "PatientSex": None,
        "Manufacturer": "Philips",
        "StudyDate": "2000-05-06",
    }
    | {"license_short_name": "CC BY-NC 3.0", "source_DOI": "10.1/unknown"},
    ONE
    | {"PatientID": "P3", "StudyInstanceUID": "2.1", "SeriesInstanceUID": "2.1.2"}
    | {"PatientAge": "018M", "BodyPartExamined": None},
    ONE | {"collection_id": "liver_ct", "PatientID": "L1", "SeriesInstanceUID": "9.9"},
]
SOURCE = {
    "source_title": "Lung scans",
    "source_doi": "10.1/abc",
    "license": {
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "license_short_name": "CC BY 4.0",
    },
    "citation": "Doe, J., &amp; Roe, R. (2020). <i>Lung\nscans</i> [Data set].",
}
COLLECTIONS = [
    {"collection_id": "lung_ct", "collection_name": "Lung-CT", "sources": [SOURCE]},
    {"collection_id": "liver_ct", "collection_name": "Liver-CT", "sources": []},
]
THICKNESS = {"SeriesInstanceUID": ["1.1.1", "1.1.2", "2.1.1"], "SliceThickness": [1.0, 0.5, 5.0]}
REGULAR = {"SeriesInstanceUID": ["1.1.1", "2.1.1"], "regularly_spaced_3d_volume": [True, False]}


def write_index(folder: Path, *, fetched: bool = False) -> IndexFiles:
    """Write an index; with the parts that the real one has to fetch, or without."""
    files = IndexFiles(
        VERSION, folder / "idc_index.parquet", folder / "collections_index.parquet", folder / "more"
    )
    pd.DataFrame(SERIES).to_parquet(files.series)
    pq.write_table(pa.Table.from_pylist(COLLECTIONS), files.collections)
    if fetched:
        files.fetched.mkdir()
        pd.DataFrame(THICKNESS).to_parquet(files.fetched / "ct_index.parquet")
        pd.DataFrame(REGULAR).to_parquet(files.fetched / "volume_geometry_index.parquet")
    return files


def write_index_package(folder: Path) -> None:
    """Write a package that brings this index as ``idc-index-data`` brings the real one."""
    package = folder / "idc_index_data"
    package.mkdir()
    write_index(package)
    (package / "__init__.py").write_text(
        "from pathlib import Path\n"
        f"__version__ = {VERSION!r}\n"
        "INDEX_METADATA = {\n"
        "    name: {'parquet_filepath': Path(__file__).with_name(f'{name}.parquet')}\n"
        "    for name in ('idc_index', 'collections_index')\n"
        "}\n"
    )
