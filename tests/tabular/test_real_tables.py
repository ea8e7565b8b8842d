"""Real tables, written as spreadsheets are, are guessed, read, encoded and stored without a fault.

scikit-learn's are always here; those of statsmodels and scikit-survival are where these are
installed.
"""

import numpy as np
import pytest

from mmfeat.config.loading import load_project
from mmfeat.manifest.reading import read_manifest
from mmfeat.stages.init import write_settings
from mmfeat.tabular import RecordEncoder, read_records
from mmfeat.tabular.later_records import read_later_records

from .real_tables import REAL_TABLES, with_ids, write_messy


@pytest.mark.parametrize("name", REAL_TABLES)
def test_it_is_guessed_read_encoded_and_stored(name, tmp_path):
    table = REAL_TABLES[name]
    frame = with_ids(table.load())
    write_messy(frame, tmp_path / "table.csv")
    report = write_settings(
        tmp_path / "table.csv", tmp_path / "mmfeat.yaml", targets=[table.target]
    )
    assert report.n_rows == table.n_rows
    settings = load_project(report.file).settings
    columns = settings.modalities["clinical"].columns
    assert {name: columns[name].type for name in table.types} == table.types
    text = read_manifest(tmp_path / "table.csv", settings.cohort.missing)
    records, faults = read_records(text, columns)
    assert faults == []

    values = records.columns[table.column].values
    assert np.nanmedian(values) == table.median == frame[table.column].median()
    for column, record in records.columns.items():
        assert record.known.sum() == frame[column].notna().sum()

    encoder = RecordEncoder.fit(records, np.arange(len(records)))
    vectors = encoder.transform(records)
    assert np.isfinite(vectors).all()
    again = RecordEncoder.from_json(encoder.to_json())
    np.testing.assert_array_equal(again.transform(records), vectors)
    later = read_later_records(text.iloc[:1, ::-1], columns)
    np.testing.assert_array_equal(again.transform(later.records), vectors[:1])
