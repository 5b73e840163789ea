"""Reference values for src/statistics, from numpy, scipy and River.

    python3 -m venv venv && venv/bin/pip install numpy scipy river && venv/bin/python scripts/reference-statistics.py

Writes src/statistics/fixtures/reference.json. Equal seed, equal file.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import river
import scipy
from river import stats as online
from scipy import stats
from scipy.ndimage import maximum_filter1d, minimum_filter1d

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"
PATH = SOURCE / "statistics" / "fixtures" / "reference.json"
WINDOW = 25


def windows(x):
    return [x[max(0, i + 1 - WINDOW) : i + 1] for i in range(len(x))]


def ew_covariance(rows, alpha):
    """Covariance with the weights written out: (1 - alpha)^k, the first row takes what is left."""
    n = len(rows)
    weights = np.array([(1 - alpha) ** (n - 1 - i) * (alpha if i else 1.0) for i in range(n)])
    return np.average(rows, axis=0, weights=weights).tolist(), np.cov(rows.T, aweights=weights, ddof=0).ravel().tolist()


def main():
    rng = np.random.default_rng(20260102)
    rows = rng.multivariate_normal([1e4, -3.0, 0.0], [[4, 1, 0], [1, 2, -0.5], [0, -0.5, 1]], 120)
    x = np.round(rows[:, 2] * 4) / 4
    ew = online.EWVar(fading_factor=0.1)
    ew_variance = []
    for value in x:
        ew.update(float(value))
        ew_variance.append(ew.get())
    ew_mean, ew_cov = ew_covariance(rows, 0.1)
    left = {"mode": "nearest", "origin": (WINDOW - 1) // 2}
    reference = {
        "madeBy": f"scripts/reference-statistics.py, numpy {np.__version__}, scipy {scipy.__version__}, river {river.__version__}",
        "window": WINDOW,
        "rows": rows.tolist(),
        "coarse": x.tolist(),
        "mean": rows.mean(axis=0).tolist(),
        "covariance": np.cov(rows.T).ravel().tolist(),
        "ewMean": ew_mean,
        "ewCovariance": ew_cov,
        "ewVariance": ew_variance,
        "windowMean": [float(np.mean(w)) for w in windows(x)],
        "windowVariance": [float(np.var(w, ddof=1)) if len(w) > 1 else 0.0 for w in windows(x)],
        "windowMedian": [float(np.median(w)) for w in windows(x)],
        "windowMad": [float(stats.median_abs_deviation(w, scale=1.0)) for w in windows(x)],
        "windowQuantile90": [float(np.quantile(w, 0.9)) for w in windows(x)],
        "windowMin": minimum_filter1d(x, WINDOW, **left).tolist(),
        "windowMax": maximum_filter1d(x, WINDOW, **left).tolist(),
    }
    assert reference["windowMin"] == [float(np.min(w)) for w in windows(x)]
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(json.dumps(reference) + "\n")


main()
