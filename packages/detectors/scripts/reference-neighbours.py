"""Reference values for nearestNeighbour and localOutlierFactor, from scikit-learn.

    python3 -m venv venv && venv/bin/pip install scikit-learn && venv/bin/python scripts/reference-neighbours.py

Writes fixtures/reference.json of src/nearest-neighbour and src/local-outlier-factor. Equal seed, equal files.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"


def rows(rng, scans):
    """Two states of operation, one loose and one tight, in channels of different units."""
    state = rng.random(scans) < 0.5
    loose = rng.normal([10.0, 200.0, 0.5], [3.0, 40.0, 0.1], (scans, 3))
    tight = rng.normal([30.0, 100.0, 0.9], [0.3, 4.0, 0.02], (scans, 3))
    return np.where(state[:, None], loose, tight)


def write(folder, train, test, expected):
    reference = {
        "madeBy": f"scripts/reference-neighbours.py, scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "train": {f"f{c}": train[:, c].tolist() for c in range(3)},
        "test": {f"f{c}": test[:, c].tolist() for c in range(3)},
        **expected,
    }
    path = SOURCE / folder / "fixtures" / "reference.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(reference) + "\n")


def main():
    rng = np.random.default_rng(20260103)
    train, test = rows(rng, 150), rows(rng, 30)
    test[3] = [20.0, 150.0, 0.7]
    mean, deviation = train.mean(axis=0), train.std(axis=0, ddof=1)
    standard, tested = (train - mean) / deviation, (test - mean) / deviation
    distances, _ = NearestNeighbors(n_neighbors=5, algorithm="kd_tree").fit(standard).kneighbors(tested)
    write("nearest-neighbour", train, test, {"first": distances[:, 0].tolist(), "fifth": distances[:, 4].tolist()})
    lof = {f"k{k}": (-LocalOutlierFactor(n_neighbors=k, novelty=True, algorithm="kd_tree").fit(standard).score_samples(tested)).tolist() for k in (5, 20)}
    write("local-outlier-factor", train, test, lof)


main()
