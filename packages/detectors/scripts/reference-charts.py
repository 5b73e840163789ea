"""Reference values for quantileBounds, ewmaChart, cusum, pageHinkley and the drift tests, from numpy, scipy and River.

    python3 -m venv venv && venv/bin/pip install numpy scipy river && venv/bin/python scripts/reference-charts.py

Writes src/<detector>/fixtures/reference.json and src/drift/fixtures/reference.json. Equal seed, equal files.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import river
import scipy
from river import drift
from scipy import signal, special, stats

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"
MADE_BY = f"scripts/reference-charts.py, numpy {np.__version__}, scipy {scipy.__version__}, river {river.__version__}"


def write(folder, reference):
    path = SOURCE / folder / "fixtures" / "reference.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"madeBy": MADE_BY, **reference}) + "\n")


def columns(rng, scans, shift=0.0):
    return {
        "force": rng.normal(100.0 + 2 * shift, 2.0, scans),
        "current": rng.lognormal(0.1 * shift, 0.5, scans),
        "level": np.round(rng.normal(20.0 - shift, 1.0, scans) * 2) / 2,
    }


def plain(rows):
    return {name: x.tolist() for name, x in rows.items()}


def standardised(train, test):
    """Deviations of all rows, train first, in standard deviations of the training rows."""
    return [(np.concatenate([train[n], test[n]]) - np.mean(train[n])) / np.std(train[n], ddof=1) for n in train]


def bounds_score(train, test, low, high):
    parts = []
    for name, x in train.items():
        median, lower, upper = np.median(x), np.quantile(x, low), np.quantile(x, high)
        parts.append(np.maximum((test[name] - median) / (upper - median), (median - test[name]) / (median - lower)))
    return np.max(parts, axis=0).tolist()


def ewma_score(train, test, weight):
    """Roberts' chart with the exact limits, z_0 = mean."""
    scores = []
    for d in standardised(train, test):
        z = signal.lfilter([weight], [1, weight - 1], d)
        t = np.arange(1, len(d) + 1)
        scores.append(np.abs(z) / np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * t))))
    return np.max(scores, axis=0)[len(train["force"]) :].tolist()


def cusum_score(train, test, k):
    """Page's two sums by their other definition: distance of the sum of d - k from its least value so far."""
    scores = []
    for d in standardised(train, test):
        for side in (d, -d):
            total = np.concatenate([[0.0], np.cumsum(side - k)])
            scores.append((total - np.minimum.accumulate(total))[1:])
    return np.max(scores, axis=0)[len(train["force"]) :].tolist()


def page_hinkley_score(train, test):
    scores = []
    for d in standardised(train, test):
        test_ = drift.PageHinkley()
        own = []
        for x in d:
            test_.update(float(x))
            moved = max(test_._sum_increase - test_._min_increase, test_._max_decrease - test_._sum_decrease)
            own.append(moved if test_._x_mean.n >= test_.min_instances else 0.0)
        scores.append(own)
    return np.max(scores, axis=0)[len(train["force"]) :].tolist()


def detections(test, values):
    found = []
    for i, x in enumerate(values):
        test.update(float(x))
        if test.drift_detected:
            found.append(i)
    return found


def psi(reference, recent, bins):
    edges = np.quantile(reference, np.arange(1, bins) / bins)
    p = np.bincount(np.searchsorted(edges, reference, side="left"), minlength=bins) + 0.5
    q = np.bincount(np.searchsorted(edges, recent, side="left"), minlength=bins) + 0.5
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum((q - p) * np.log(q / p)))


def main():
    rng = np.random.default_rng(20260103)
    train, test = columns(rng, 200), columns(rng, 60, 0.7)
    given = {"train": plain(train), "test": plain(test)}
    write("quantile-bounds", {**given, "scores": bounds_score(train, test, 0.05, 0.9)})
    write("ewma-chart", {**given, "scores": ewma_score(train, test, 0.2)})
    write("cusum", {**given, "scores": cusum_score(train, test, 0.5)})
    later = columns(rng, 300, 0.7)
    write("page-hinkley", {"train": plain(train), "test": plain(later), "scores": page_hinkley_score(train, later)})

    levels = np.concatenate([rng.normal(level, 1.0, 600) for level in (0.0, 0.0, 1.5, 1.5, -1.0)]).round(4)
    adwin = drift.ADWIN()
    widths = []
    found = []
    for i, x in enumerate(levels):
        adwin.update(float(x))
        if adwin.drift_detected:
            found.append(i)
        widths.append(int(adwin.width))
    pairs = []
    for shift in (0.0, 0.4, 1.5):
        a, b = rng.normal(0, 1, 150).round(3), rng.normal(shift, 1 + shift / 4, 100).round(3)
        pairs.append(
            {
                "reference": a.tolist(),
                "recent": b.tolist(),
                "ks": float(stats.ks_2samp(a, b).statistic),
                "wasserstein": float(stats.wasserstein_distance(a, b)),
                "psi": psi(a, b, 10),
            }
        )
    write(
        "drift",
        {
            "levels": levels.tolist(),
            "adwin": {"found": found, "widths": widths[::50]},
            "pageHinkley": detections(drift.PageHinkley(), levels),
            "pageHinkleyLow": detections(drift.PageHinkley(min_instances=10, delta=0.1, threshold=20, mode="down"), levels),
            "pairs": pairs,
            "kolmogorov": [[x, float(special.kolmogorov(x))] for x in (0.3, 0.5, 0.8, 1.0, 1.36, 2.0, 3.0)],
            "chiSquared": [[p, d, float(stats.chi2.isf(p, d))] for p in (0.05, 0.001, 1e-5) for d in (4, 9, 19)],
        },
    )


main()
