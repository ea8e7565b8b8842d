import pytest

from mmfeat.errors import ConfigError


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("trian.epochs=3", "unknown key `trian`; did you mean `train`?"),
        ("learning_rate=3", "unknown key `learning_rate`; did you mean `train.learning_rate`?"),
        ("TRAIN={}", "unknown key `TRAIN`; did you mean `train`?"),
        (
            "modalities.clinical.columns.age.x=1",
            "unknown key `modalities.clinical.columns.age.x`; known here: "
            "type, unit, units, decimal, thousands, missing, limits, minimum, maximum, outside",
        ),
        ("train.xyz=1", "known here: run, targets, joint, methods, "),
        ("train={1: 2}", "unknown key `train.1`; "),
        (
            "cohort={targets: {a: {kind: binary, column: a}}}",
            "missing key `cohort.manifest`: CSV, TSV, Parquet or Excel",
        ),
        ("modalities.ct={kind: volume}", "`modalities.ct`: missing key `column`, the column with"),
        (
            "modalities.ct={column: ct}",
            "missing key `modalities.ct.kind`: one of volume, table, features",
        ),
        (
            "modalities.ct.kind=volum",
            "`modalities.ct.kind` must be one of volume, table, features, got `volum`; "
            "did you mean `volume`?",
        ),
        (
            "modalities.clinical.columns.age.type=7",
            "`modalities.clinical.columns.age.type` must be one of numeric, categorical, ordinal, "
            "boolean, date_difference, codes, text, got `7`",
        ),
        (
            "modalities.clinical.columns.age=numeric",
            "`modalities.clinical.columns.age` must be a group of settings, got `numeric`",
        ),
        (
            "modalities.clinical.columns.age.minimum=low",
            "`modalities.clinical.columns.age.minimum` must be a number, got `low`",
        ),
        ("modalities.clinical.scaling=std", "must be `standard` or `quantile`, got `std`"),
        ("modalities.clinical.rare_below=1.5", "must be below 1 or 0, got `1.5`"),
        (
            "modalities.a b={kind: volume, column: c}",
            "`modalities.a b` must be a name of letters, digits",
        ),
        ("modalities={}", "`modalities` must be a list or group with 1 or more entries, got an"),
        ("modalities=[ct]", "`modalities` must be a group of `name: value` lines, got `['ct']`"),
        ("extract.workers=0", "`extract.workers` must be above 0 or `auto`, got `0`"),
        ("extract.workers=many", "`extract.workers` must be a whole number or `auto`, got `many`"),
        ("extract.shard_seconds=.inf", "must be a finite number, got `inf`"),
        ("extract.device=gpu", "`extract.device`: `gpu` is not auto, cpu, cuda, cuda:N or mps"),
        ("train.targets=[x]", "`train.targets`: `x` is not one of the targets ['cancer']"),
        ("train.targets=cancer", "`train.targets` must be a list, such as [a, b], got `cancer`"),
        ("train.epochs=", "`train.epochs` must be a whole number, got nothing"),
        ("train.epochs=1.5", "`train.epochs` must be a whole number, got `1.5`"),
        ("train.dropout=1", "`train.dropout` must be below 1, got `1`"),
        ("train.weight_decay=-1", "`train.weight_decay` must be 0 or more, got `-1`"),
        ("train.methods=[]", "`train.methods` must be a list or group with 1 or more entries"),
        ("train.run=[a]", "`train.run` must be a path, got `['a']`"),
        ("eval.resamples=1000000", "`eval.resamples` must be at most 100000, got `1000000`"),
        ("cohort.split.by_site=maybe", "`cohort.split.by_site` must be true or false"),
        ("cohort.split.by_site=true", "`cohort.split.by_site`: needs `site`, the column that"),
        ("cohort.split.stratify_by=x", "`cohort.split.stratify_by`: `x` is not one of the"),
        ("cohort.case_id=[a]", "`cohort.case_id` must be text, got `['a']`"),
        ("cohort.targets.cancer.positive={a: 1}", "must be text or a whole number or a number or"),
        (
            f"cohort.case_id=[{'a' * 80}]",
            f"got `['{'a' * 58}...`",
        ),
    ],
)
def test_every_fault_names_its_key_and_says_what_is_allowed(load, override, message):
    with pytest.raises(ConfigError) as caught:
        load("", [override])
    text = str(caught.value)
    assert message in text
    assert "\n" not in text
    for internal in ("Input should", "Value error", "constrained", "function-", "[type="):
        assert internal not in text
