import numpy as np

from mmfeat.stages.joined_records import joined_names, joined_records
from mmfeat.tabular import RecordColumn, RecordTable


def test_a_name_that_two_modalities_have_stands_with_its_modality():
    age, crp = (RecordColumn("numeric", np.array([value])) for value in (61.0, 3.0))
    tables = {"early": RecordTable({"age": age, "crp": crp}), "late": RecordTable({"age": crp})}
    joined = joined_records(tables)
    assert list(joined.columns) == ["early: age", "crp", "late: age"]
    assert joined.columns["late: age"] is crp
    names = joined_names({"early": ("age", "crp"), "late": ("age",)})
    assert names == {"early": {"age": "early: age", "crp": "crp"}, "late": {"age": "late: age"}}
