from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from mmfeat.errors import ConfigError, FeaturesError
from mmfeat.stages.caches.import_files import ImportRules, files_to_import, read_import_file

VECTORS = np.array([[1, 2], [3, 4]], np.float32)


def _each(folder: Path) -> None:
    for name, vector in zip(("b", "a"), VECTORS, strict=True):
        (folder / name).mkdir(parents=True)
        np.save(folder / name / "emb.npy", vector)


def test_folders_are_read_to_depth_and_hidden_files_and_sidecars_left_alone(tmp_path):
    _each(tmp_path)
    (tmp_path / ".hidden").touch()
    (tmp_path / "x.csv.provenance.json").touch()
    files = files_to_import([tmp_path])
    assert files == [tmp_path / "a" / "emb.npy", tmp_path / "b" / "emb.npy"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "holds no files"),
        (("a.h5",), r"a\.h5: embeddings are imported from \.npz, .*, not from `\.h5`; save them"),
        (("a.npy", "b.csv"), r"b\.csv: is of another format than .*a\.npy; import each format"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(tmp_path, names, message):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(FeaturesError, match=message):
        files_to_import([tmp_path])
    with pytest.raises(FeaturesError, match="nowhere: no such file or folder"):
        files_to_import([tmp_path / "nowhere"])


def test_the_case_of_a_file_is_its_name_or_what_the_pattern_finds_in_its_path(tmp_path):
    _each(tmp_path)
    file = tmp_path / "a" / "emb.npy"
    assert read_import_file(file, ImportRules()).ids == ("emb",)
    rules = ImportRules(pattern=r"(?P<case_id>[^/]+)/emb\.npy$")
    assert read_import_file(file, rules).ids == ("a",)
    with pytest.raises(FeaturesError, match=r"emb\.npy: --pattern .* finds no case in this path"):
        read_import_file(file, ImportRules(pattern="(?P<case_id>x+)y"))


@pytest.mark.parametrize(
    ("pattern", "message"), [("(", "no regular expression"), ("a.*", "has no group `case_id`")]
)
def test_a_pattern_that_cannot_find_a_case_is_refused(pattern, message):
    with pytest.raises(ConfigError, match=message):
        ImportRules(pattern=pattern)


def _write(file: Path, ids: str, vectors: str) -> None:
    match file.suffix:
        case ".npz":
            np.savez(file, **{ids: ["a", "b"], vectors: VECTORS})
        case ".pt":
            torch.save({ids: ["a", "b"], vectors: torch.from_numpy(VECTORS)}, file)
        case _:
            pd.DataFrame({ids: ["a", "b"], vectors: list(VECTORS)}).to_parquet(file)


@pytest.mark.parametrize("ending", [".npz", ".pt", ".parquet"])
def test_names_can_be_given_in_every_format(tmp_path, ending):
    file = tmp_path / f"e{ending}"
    _write(file, "uid", "hidden")
    found = read_import_file(file, ImportRules(key="hidden", id_key="uid"))
    assert found.ids == ("a", "b")
    np.testing.assert_array_equal(found.vectors, VECTORS)
    _write(file, "case_id", "embedding")
    assert read_import_file(file, ImportRules()).ids == ("a", "b")
    with pytest.raises(FeaturesError, match="hidden"):
        read_import_file(file, ImportRules(key="hidden"))


def test_a_dictionary_of_cases_in_a_checkpoint_is_read(tmp_path):
    torch.save({"a": torch.ones(2), "b": torch.zeros(1, 2)}, tmp_path / "e.pt")
    assert read_import_file(tmp_path / "e.pt", ImportRules()).vectors.tolist() == [[1, 1], [0, 0]]
