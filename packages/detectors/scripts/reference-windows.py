"""Reference values for subWindowPca and matrixProfile, from scikit-learn and stumpy.

    python3 -m venv venv && venv/bin/pip install scikit-learn stumpy && venv/bin/python scripts/reference-windows.py

Writes fixtures/reference.json of src/sub-window-pca and src/matrix-profile. Equal seed, equal files.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
import stumpy
from sklearn.decomposition import PCA

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"


def signal(rng, scans):
    """Strokes with noise, a level far from 0, a missed beat, and a stretch that stands still."""
    t = np.arange(scans)
    x = 1000 + np.sin(2 * np.pi * t / 25) + 0.4 * np.sin(4 * np.pi * t / 25) + 0.1 * rng.normal(size=scans)
    x[int(scans * 0.6) : int(scans * 0.6) + 12] = 1000 + 0.1 * rng.normal(size=12)
    x[int(scans * 0.8) : int(scans * 0.8) + 40] = 1000.5
    return x


def write(folder, reference):
    versions = f"scikit-learn {sklearn.__version__}, stumpy {stumpy.__version__}, numpy {np.__version__}"
    path = SOURCE / folder / "fixtures" / "reference.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"madeBy": f"scripts/reference-windows.py, {versions}", **reference}) + "\n")


def sub_window_pca(train, test, window, components):
    windows = np.lib.stride_tricks.sliding_window_view(train, window)
    tested = np.lib.stride_tricks.sliding_window_view(np.concatenate([train[-window:], test]), window)[1:]
    pca = PCA(n_components=components, svd_solver="full").fit(windows)
    left = np.sum((windows - pca.mean_) ** 2) / (len(windows) - 1) - pca.explained_variance_.sum()
    return np.sum((tested - pca.inverse_transform(pca.transform(tested))) ** 2, axis=1) / left


def left_profile(values, window):
    """Distance of the subsequence that ends at each value from its nearest earlier one."""
    start = 2 * window
    stream = stumpy.stumpi(values[:start], m=window, egress=False)
    for x in values[start:]:
        stream.update(x)
    return [None if np.isinf(d) else float(d) for d in stream.left_P_]


def main():
    rng = np.random.default_rng(20260104)
    values = signal(rng, 600)
    train, test = values[:300], values[300:]
    write("sub-window-pca", {"window": 25, "components": 3, "train": train.tolist(), "test": test.tolist(), "scores": sub_window_pca(train, test, 25, 3).tolist()})
    write("matrix-profile", {"window": 20, "values": values.tolist(), "leftProfile": left_profile(values, 20)})


main()
