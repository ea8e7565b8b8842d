"""A row has every column, each of its type."""

from mmfeat.quality import measure
from mmfeat.quality.table_row import FACT_COLUMNS, fact_row
from mmfeat.volumes import ReadingNote


def test_every_column_has_a_value_of_its_type_or_none(volume_of, body_hu, good_facts):
    for facts in (good_facts(), measure(volume_of(body_hu)), good_facts(noise_hu=None)):
        row = fact_row(facts)
        assert list(row) == list(FACT_COLUMNS)
        assert all(
            value is None or type(value) is FACT_COLUMNS[name] for name, value in row.items()
        )


def test_header_and_notes_are_columns(good_facts):
    notes = (ReadingNote("derived", "a reformat"), ReadingNote("left-out", "1 x report"))
    row = fact_row(good_facts(notes=notes))
    assert row["header_kernel"] == "soft"
    assert row["header_contrast_agent"] is None
    assert row["notes"] == "derived: a reformat; left-out: 1 x report"
    assert (row["size_0"], row["spacing_2_mm"], row["percentile_99.9_hu"]) == (300, 0.7, 900.0)
