import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from mmfeat.errors import FeaturesError
from mmfeat.tabular.exported_provenance import read_provenance


def test_files_of_others_have_none(tmp_path):
    np.savez(tmp_path / "e.npz", x=np.ones(1))
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "e.parquet")
    save_file({"a": np.ones(1)}, tmp_path / "e.safetensors")
    (tmp_path / "e.csv").write_text("a\n1\n")
    (tmp_path / "e.pt").write_bytes(b"")
    assert [read_provenance(file) for file in tmp_path.iterdir()] == [None] * 5


def test_a_torn_one_is_refused(tmp_path):
    (tmp_path / "e.csv").write_text("a\n1\n")
    (tmp_path / "e.csv.provenance.json").write_text('{"recipe": ')
    with pytest.raises(FeaturesError, match=r"e\.csv: its provenance cannot be read .*export it"):
        read_provenance(tmp_path / "e.csv")
