"""Reference values for src/scalers, from scikit-learn and scipy.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn && venv/bin/python scripts/reference-scalers.py

Writes src/scalers/fixtures/reference.json. Equal seed, equal file.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, RobustScaler, StandardScaler

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"
PATH = SOURCE / "scalers" / "fixtures" / "reference.json"
TRAIN, TEST = 150, 40

SCALERS = {
    "standardScaler()": StandardScaler(),
    "robustScaler()": RobustScaler(),
    "robustScaler of 5..90, unitVariance": RobustScaler(quantile_range=(5, 90), unit_variance=True),
    "minMaxScaler()": MinMaxScaler(),
    "minMaxScaler of -1..1, clip": MinMaxScaler(feature_range=(-1, 1), clip=True),
    "quantileScaler()": QuantileTransformer(n_quantiles=1000, subsample=None),
    "quantileScaler of 20": QuantileTransformer(n_quantiles=20, subsample=None),
    "quantileScaler, normal": QuantileTransformer(n_quantiles=1000, subsample=None, output_distribution="normal"),
    "quantileScaler of 20, normal": QuantileTransformer(n_quantiles=20, subsample=None, output_distribution="normal"),
}


def listed(x):
    """Column by column; None where there is no number."""
    return [[None if np.isnan(v) else float(v) for v in column] for column in np.asarray(x).T]


def columns(rng, scans):
    """Channels of different kinds: a large level, ties, one that stands still, missing values."""
    holed = rng.lognormal(0.0, 1.0, scans)
    holed[::11] = np.nan
    return np.column_stack(
        [
            rng.normal(101325.0, 20.0, scans),
            np.round(rng.normal(20.0, 1.0, scans) * 2) / 2,
            np.full(scans, 0.1),
            np.where(rng.random(scans) < 0.7, 3.0, rng.normal(3.0, 0.4, scans)),
            holed,
        ]
    )


def main():
    rng = np.random.default_rng(20261121)
    train, test = columns(rng, TRAIN), columns(rng, TEST)
    test[:5] = train[:5]
    test[5], test[6] = np.nanmin(train, axis=0), np.nanmax(train, axis=0)
    test[7], test[8] = test[5] - 1000.0, test[6] + 1000.0
    cases = {}
    for name, scaler in SCALERS.items():
        scaled = scaler.fit(train).transform(test)
        cases[name] = {"scaled": listed(scaled), "inverse": listed(scaler.inverse_transform(scaled.copy()))}
    median = np.nanmedian(train, axis=0)
    spread = stats.median_abs_deviation(train, axis=0, nan_policy="omit")
    for name, scale in [("mad", 1.0), ("mad, unitVariance", 1 / stats.norm.ppf(0.75))]:
        whole = np.where(spread == 0, 1.0, spread) * scale
        cases[f"robustScaler of {name}"] = {"scaled": listed((test - median) / whole), "inverse": listed(test)}
    reference = {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
        "train": listed(train),
        "test": listed(test),
        "cases": cases,
    }
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
