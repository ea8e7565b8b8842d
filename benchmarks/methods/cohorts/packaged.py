"""Real tables that installed packages ship, divided into two modalities by groups of columns."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.methods.cohort import Cohort, CohortPlan, cohort_of, frame_as_record

_YEAR_DAYS = 365.25


def breast_cancer() -> Cohort:
    """Build a cohort of cell nuclei: the shape of the outline, and the texture and its spread."""
    from sklearn.datasets import load_breast_cancer

    loaded = load_breast_cancer(as_frame=True)
    outline = [name for name in loaded.data if "concav" in name or "symmetry" in name]
    texture = [name for name in loaded.data if "texture" in name or "smooth" in name]
    modalities = {
        "outline": loaded.data[outline].to_numpy(),
        "texture": frame_as_record(loaded.data[texture]),
    }
    return cohort_of(modalities, 1 - loaded.target)


def diabetes() -> Cohort:
    """Build a cohort of diabetes: blood, and what is seen from outside; worse than the median."""
    from sklearn.datasets import load_diabetes

    loaded = load_diabetes(as_frame=True)
    blood = [name for name in loaded.data if name.startswith("s") and name != "sex"]
    modalities = {
        "blood": loaded.data[blood].to_numpy(),
        "record": frame_as_record(loaded.data.drop(columns=blood)),
    }
    return cohort_of(modalities, (loaded.target > loaded.target.median()).astype(float))


def digits(n_cases: int, *, seed: int = 0) -> Cohort:
    """Build a cohort of blurred digits with side information that is often wrong."""
    from sklearn.datasets import load_digits

    random = np.random.default_rng(seed)
    loaded = load_digits()
    rows = random.permutation(len(loaded.target))[:n_cases]
    pixels, digit = loaded.data[rows] / 16, loaded.target[rows]
    pixels = pixels + 0.6 * random.standard_normal(pixels.shape)
    facts = np.stack([digit % 2, digit >= 5, np.isin(digit, (0, 6, 8, 9))], axis=1)
    wrong = random.random(facts.shape) < 0.15
    side = pd.DataFrame(facts ^ wrong, columns=["odd", "large", "has_loop"]).astype(float)
    modalities = {"image": pixels, "side": frame_as_record(side)}
    return cohort_of(modalities, digit.astype(float), n_classes=10)


def breast_recurrence() -> Cohort:
    """Build a cohort of node-positive breast cancer: recurrence or death within three years."""
    from sksurv.datasets import load_gbsg2

    frame, outcome = load_gbsg2()
    labels = within(outcome["cens"], outcome["time"], 3 * _YEAR_DAYS)
    tumour = ["pnodes", "tsize", "tgrade", "estrec", "progrec"]
    return _of_columns(frame, {"tumour": tumour}, labels)


def breast_genes() -> Cohort:
    """Build a cohort of 198 breast cancers: 76 genes, and the record; metastasis in ten years."""
    from sksurv.datasets import load_breast_cancer

    frame, outcome = load_breast_cancer()
    genes = [name for name in frame if name.startswith("X")]
    labels = within(outcome["e.tdm"], outcome["t.tdm"], 10 * _YEAR_DAYS)
    return _of_columns(frame, {"genes": genes}, labels)


def heart_attack() -> Cohort:
    """Build a cohort of 500 heart attacks: what is measured, and the history; death in a year."""
    from sksurv.datasets import load_whas500

    frame, outcome = load_whas500()
    labels = within(outcome["fstat"], outcome["lenfol"], _YEAR_DAYS)
    return _of_columns(frame, {"measured": ["sysbp", "diasbp", "hr", "bmi"]}, labels)


def light_chains(n_cases: int, *, seed: int = 0) -> Cohort:
    """Build a cohort of people over 50: free light chains of blood, and age and sex; death."""
    from sksurv.datasets import load_flchain

    frame, outcome = load_flchain()
    rows = np.random.default_rng(seed).permutation(len(frame))[:n_cases]
    frame, outcome = frame.iloc[rows], outcome[rows]
    labels = within(outcome["death"], outcome["futime"], 8 * _YEAR_DAYS)
    blood = ["kappa", "lambda", "creatinine"]
    record = frame[["age", "sex", "mgus"]]
    return _of_columns(frame[blood].join(record), {"blood": blood}, labels)


def votes() -> Cohort:
    """Build a cohort of 944 voters: what they think, and who they are; whom they vote for."""
    import statsmodels.api as sm

    frame = sm.datasets.anes96.load_pandas().data
    opinions = ["selfLR", "ClinLR", "DoleLR", "TVnews"]
    record = frame[["popul", "age", "educ", "income"]]
    return _of_columns(frame[opinions].join(record), {"opinions": opinions}, frame["vote"])


def marriages(n_cases: int, *, seed: int = 0) -> Cohort:
    """Build a cohort of wives: the marriage, and the person; whether there was an affair."""
    import statsmodels.api as sm

    frame = sm.datasets.fair.load_pandas().data.sample(n_cases, random_state=seed)
    marriage = ["rate_marriage", "yrs_married", "children"]
    labels = (frame.pop("affairs") > 0).astype(float)
    return _of_columns(frame, {"marriage": marriage}, labels)


def within(
    event: NDArray[np.bool_], time_days: NDArray[np.floating], horizon_days: float
) -> NDArray[np.float64]:
    """Say whether the event came within the horizon; NaN where nobody looked for so long."""
    early = time_days <= horizon_days
    return np.where(event & early, 1.0, np.where(early, np.nan, 0.0))


def _of_columns(
    frame: pd.DataFrame, groups: dict[str, list[str]], labels: NDArray[np.floating] | pd.Series
) -> Cohort:
    """Take groups of numeric columns as vectors, and all others as the record.

    A case that lacks any number of a group lacks the group.
    """
    modalities, present = {}, []
    for name, columns in groups.items():
        values = frame[columns].apply(_as_numbers).to_numpy(dtype=np.float64)
        present.append(~np.isnan(values).any(axis=1))
        modalities[name] = np.nan_to_num(values)
    rest = frame.drop(columns=[column for columns in groups.values() for column in columns])
    present.append(np.ones(len(frame), dtype=np.bool_))
    return cohort_of(
        {**modalities, "record": frame_as_record(rest)}, labels, present=np.stack(present, axis=1)
    )


def _as_numbers(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):
        return column
    return column.astype("category").cat.codes.astype(float)


def _plan(name: str, shows: str, build: object) -> CohortPlan:
    return CohortPlan(name, "real tables", shows, build)  # type: ignore[arg-type]


PACKAGED = (
    _plan("nuclei", "breast cancer, scikit-learn", breast_cancer),
    _plan("diabetes", "progression above the median, scikit-learn", diabetes),
    _plan("digits", "ten classes, noisy pixels, scikit-learn", partial(digits, 400)),
    _plan("gbsg2", "recurrence of breast cancer, scikit-survival", breast_recurrence),
    _plan("gse7390", "76 genes of breast cancer, scikit-survival", breast_genes),
    _plan("whas500", "death after a heart attack, scikit-survival", heart_attack),
    _plan("flchain", "death over 50, scikit-survival", partial(light_chains, 1000)),
    _plan("anes96", "votes, statsmodels", votes),
    _plan("fair", "affairs, statsmodels", partial(marriages, 1000)),
)
