"""Reference values for zScore and robustZ, from numpy and scipy.

    python3 -m venv venv && venv/bin/pip install numpy scipy && venv/bin/python scripts/reference.py

Writes src/z-score/fixtures/reference.json and src/robust-z/fixtures/reference.json. Equal seed, equal files.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import scipy
from scipy import stats

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"


def columns(rng, scans):
    """Channels of different kinds; a converter of 0.5 steps gives ties, `valve` stands still more than half of the time."""
    return {
        "force": rng.normal(100.0, 2.0, scans),
        "current": rng.lognormal(0.0, 0.5, scans),
        "level": np.round(rng.normal(20.0, 1.0, scans) * 2) / 2,
        "valve": np.where(rng.random(scans) < 0.7, 3.0, rng.normal(3.0, 0.4, scans)),
    }


def z_score(train, test):
    mean = {name: float(np.mean(x)) for name, x in train.items()}
    deviation = {name: float(np.std(x, ddof=1)) for name, x in train.items()}
    own = np.max([np.abs(stats.zscore(x, ddof=1)) for x in train.values()], axis=0)
    scores = np.max([np.abs(test[name] - mean[name]) / deviation[name] for name in train], axis=0)
    return {"center": mean, "deviation": deviation, "trainScores": own.tolist(), "testScores": scores.tolist()}


def robust_z(train, test):
    center, deviation = {}, {}
    for name, x in train.items():
        center[name] = float(np.median(x))
        mad = float(stats.median_abs_deviation(x, scale=1.0))
        mean_deviation = float(np.mean(np.abs(x - np.median(x))))
        deviation[name] = mad / 0.6745 if mad > 0 else 1.253314 * mean_deviation
    score = lambda rows: np.max([np.abs(rows[name] - center[name]) / deviation[name] for name in train], axis=0).tolist()
    return {"center": center, "deviation": deviation, "trainScores": score(train), "testScores": score(test)}


def main():
    rng = np.random.default_rng(20260101)
    train, test = columns(rng, 201), columns(rng, 50)
    test["force"][7] = 140.0
    assert stats.median_abs_deviation(train["valve"]) == 0
    plain = lambda rows: {name: x.tolist() for name, x in rows.items()}
    for folder, expected in [("z-score", z_score(train, test)), ("robust-z", robust_z(train, test))]:
        reference = {
            "madeBy": f"scripts/reference.py, numpy {np.__version__}, scipy {scipy.__version__}",
            "train": plain(train),
            "test": plain(test),
            "expected": expected,
        }
        path = SOURCE / folder / "fixtures" / "reference.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(reference) + "\n")


main()
