"""Reference values for t2 and spe, from scikit-learn and scipy.

    python3 -m venv venv && venv/bin/pip install scikit-learn scipy && venv/bin/python scripts/reference-pca.py

Writes src/pca/fixtures/reference.json. Equal seed, equal file.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"
TARGET = SOURCE / "pca" / "fixtures" / "reference.json"


def columns(rng, scans):
    """Five channels on two hidden movements, each with a unit of its own."""
    hidden = rng.normal(size=(scans, 2))
    mixed = hidden @ rng.normal(size=(2, 5)) + 0.3 * rng.normal(size=(scans, 5))
    return mixed * np.array([1.0, 20.0, 0.01, 5.0, 1000.0]) + np.array([3.0, 100.0, 0.5, -20.0, 1e5])


def t2_limit(n, a, share):
    return a * (n - 1) * (n + 1) / (n * (n - a)) * stats.f.isf(share, a, n - a)


def spe_limit(left, share):
    th1, th2, th3 = (np.sum(left**i) for i in (1, 2, 3))
    h0 = 1 - 2 * th1 * th3 / (3 * th2**2)
    c = stats.norm.isf(share)
    return th1 * (c * h0 * np.sqrt(2 * th2) / th1 + 1 + th2 * h0 * (h0 - 1) / th1**2) ** (1 / h0)


def main():
    rng = np.random.default_rng(20260102)
    rows = columns(rng, 160)
    train, test = rows[:120], rows[120:]
    mean, deviation = train.mean(axis=0), train.std(axis=0, ddof=1)
    standard, tested = (train - mean) / deviation, (test - mean) / deviation
    n = len(train)
    pca = PCA(svd_solver="full").fit(standard)
    projected = pca.transform(tested)
    off = lambda a: np.sum((tested - (projected[:, :a] @ pca.components_[:a])) ** 2, axis=1)
    by_share = int(np.searchsorted(np.cumsum(pca.explained_variance_ratio_), 0.9) + 1)
    shares = [0.05, 0.01, 0.001]
    reference = {
        "madeBy": f"scripts/reference-pca.py, scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
        "train": {f"f{c}": train[:, c].tolist() for c in range(5)},
        "test": {f"f{c}": test[:, c].tolist() for c in range(5)},
        "mahalanobis": (EmpiricalCovariance().fit(standard).mahalanobis(tested) * (n - 1) / n).tolist(),
        "t2": np.sum(projected[:, :2] ** 2 / pca.explained_variance_[:2], axis=1).tolist(),
        "spe": off(2).tolist(),
        "componentsOf90": by_share,
        "speOf90": off(by_share).tolist(),
        "shares": shares,
        "t2Limits": [t2_limit(n, 2, share) for share in shares],
        "speLimits": [spe_limit(pca.explained_variance_[2:], share) for share in shares],
        "f": [[share, d1, d2, stats.f.isf(share, d1, d2)] for share in [0.5, 0.01, 1e-6] for d1, d2 in [(1, 1), (2, 7), (11, 489), (68, 134)]],
        "normal": [[share, stats.norm.isf(share)] for share in [0.9, 0.5, 0.3, 0.05, 0.01, 0.0013, 1e-4, 1e-9]],
        "incompleteBeta": [[x, a, b, scipy.special.betainc(a, b, x)] for x in [0.001, 0.3, 0.9] for a, b in [(0.5, 0.5), (2, 30), (244.5, 5.5)]],
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(reference) + "\n")


main()
