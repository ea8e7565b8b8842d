from pathlib import Path

import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.errors import ConfigError


def test_paths_are_relative_to_the_settings_file_wherever_one_is(load, tmp_path, monkeypatch):
    load()
    monkeypatch.chdir(tmp_path)
    project = load_project(Path("run.yaml"))
    monkeypatch.chdir("/")
    assert project.folder == tmp_path
    assert project.path("scans/a.nii.gz") == tmp_path / "scans" / "a.nii.gz"
    assert project.path(Path("/data/x")) == Path("/data/x")
    assert project.path("~/x") == Path("~/x").expanduser()


def test_what_is_not_set_has_its_default(load):
    settings = load().settings
    assert settings.train.epochs == 100
    assert settings.cohort.split.file == Path("splits.csv")


def test_overrides_take_the_place_of_the_file(load):
    settings = load("train: {epochs: 5, patience: 3}\n", ["train.epochs=20"]).settings
    assert (settings.train.epochs, settings.train.patience) == (20, 3)


def test_a_section_whose_lines_are_all_commented_out_has_its_defaults(load):
    assert load("train:\n  # epochs: 3\nextract:\n").settings.train.epochs == 100


def test_numbers_may_stand_for_names_of_columns_and_missing_cells(load):
    more = ["cohort.targets.cancer.column=2020", "cohort.missing=[-99, '']"]
    cohort = load("", more).settings.cohort
    assert cohort.targets["cancer"].column == "2020"
    assert cohort.missing == ["-99", ""]


def test_labels_keep_the_type_they_are_written_in(load):
    target = {"kind": "multiclass", "column": "x", "classes": [1, 2.5, "01", "no", True]}
    cohort = load("", [f"cohort.targets.x={yaml.safe_dump(target, default_flow_style=True)}"])
    assert cohort.settings.cohort.targets["x"].classes == [1, 2.5, "01", "no", True]


def test_a_byte_order_mark_does_no_harm(load, tmp_path):
    load()
    text = (tmp_path / "run.yaml").read_bytes()
    (tmp_path / "run.yaml").write_bytes(b"\xef\xbb\xbf" + text)
    assert load_project(tmp_path / "run.yaml").settings.cohort.manifest == Path("table.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; `mmfeat init"),
        (b"# only a comment\n", "is empty; `mmfeat init"),
        (b"- a\n- b\n", "must hold the sections cohort, modalities, .* found a list"),
        (b"manifest.csv\n", "found a str"),
        (b"a: \xff\n", "not a text in UTF-8"),
        (b"a: 1\nb: [\n", r"line 3: not valid YAML"),
    ],
)
def test_a_file_that_is_no_settings_is_told_in_one_line(tmp_path, content, message):
    file = tmp_path / "run.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        load_project(file)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told_with_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match=r"no\.yaml: no such file; .*`mmfeat init --manifest"):
        load_project(tmp_path / "no.yaml")
    with pytest.raises(ConfigError, match="is a folder; name a YAML file"):
        load_project(tmp_path)
    (tmp_path / "mine.yaml").touch()
    with pytest.raises(ConfigError, match=r"is a folder; did you mean `.*mine\.yaml`"):
        load_project(tmp_path)
    with pytest.raises(ConfigError, match=r"x\.yaml: cannot be read: "):
        load_project(tmp_path / "mine.yaml" / "x.yaml")


def test_one_fault_is_one_line_and_several_are_one_line_each(load, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load("train: {learning_rte: 1}\n")
    wanted = "unknown key `train.learning_rte`; did you mean `learning_rate`?"
    assert str(caught.value) == f"{tmp_path / 'run.yaml'}: {wanted}"
    with pytest.raises(ConfigError) as caught:
        load("train: {learning_rte: 1, epochs: 0}\neval: {seed: x}\n")
    first, *others = str(caught.value).splitlines()
    assert first == f"{tmp_path / 'run.yaml'}: 3 settings are wrong"
    assert sorted(line.strip() for line in others) == [
        "`eval.seed` must be a whole number, got `x`",
        "`train.epochs` must be above 0, got `0`",
        wanted,
    ]


def test_a_fault_of_an_override_names_it(load):
    with pytest.raises(
        ConfigError, match=r"`train\.epochs` .* \(given by --set train\.epochs=0\)$"
    ):
        load("", ["train.epochs=0"])
    with pytest.raises(
        ConfigError, match=r"unknown key `train\.epoch`; did you mean `epochs`\? \(given by --set"
    ):
        load("", ["train.epoch=3"])
    with pytest.raises(ConfigError, match=r"`train\.seeds\[0\]` .*\(given by --set train\.seeds="):
        load("", ["train.seeds=[-1]"])
    with pytest.raises(ConfigError) as caught:
        load("eval: {seed: x}\n", ["train.epochs=3"])
    assert "--set" not in str(caught.value)
