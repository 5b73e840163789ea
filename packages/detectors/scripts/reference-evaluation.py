"""Reference values for the evaluation functions, from scikit-learn, and a plain reading of range-PR volumes in numpy.

    python3 -m venv venv && venv/bin/pip install numpy scikit-learn && venv/bin/python scripts/reference-evaluation.py

Writes src/evaluation/fixtures/reference.json. Equal seed, equal file.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"
TARGET = SOURCE / "evaluation" / "fixtures" / "reference.json"


def runs(labels):
    edges = np.diff(np.concatenate([[0], labels, [0]]))
    return list(zip(np.where(edges == 1)[0], np.where(edges == -1)[0] - 1))


def range_average_precision(scores, labels, width):
    n, half, events = len(scores), width // 2, runs(labels)
    weights = labels.astype(float)
    for first, last in events:
        for i in range(n):
            distance = first - i if i < first else i - last
            if 0 < distance <= half:
                weights[i] += np.sqrt(1 - distance / width)
    weights = np.minimum(weights, 1)
    segments = []
    for first, last in events:
        wide = [max(first - half, 0), min(last + half, n - 1)]
        if segments and last_end + half >= first - half:
            segments[-1][1] = wide[1]
        else:
            segments.append(wide)
        last_end = last
    area, before = 0.0, 0.0
    descending = -np.sort(-scores)
    for i in np.linspace(0, n - 1, 250).astype(int):
        flagged = scores >= descending[i]
        found = weights[flagged].sum()
        outside = weights[flagged & (labels == 0)].sum()
        positives = (labels.sum() + labels.sum() + outside) / 2
        touched = np.mean([flagged[a : b + 1].any() for a, b in segments])
        recall = min(found / positives, 1) * touched
        area += (recall - before) * found / flagged.sum()
        before = recall
    return area


def vus_pr(scores, labels, buffer):
    return float(np.mean([range_average_precision(scores, labels, w) for w in range(buffer + 1)]))


def case(name, scores, labels, limit, buffer):
    scores = np.round(scores, 3)
    labels = labels.astype(int)
    flags = scores >= limit
    (tn, fp), (fn, tp) = metrics.confusion_matrix(labels, flags).tolist()
    return {
        "name": name,
        "scores": scores.tolist(),
        "labels": labels.tolist(),
        "limit": limit,
        "buffer": buffer,
        "rocAuc": float(metrics.roc_auc_score(labels, scores)),
        "prAuc": float(metrics.average_precision_score(labels, scores)),
        "vusPr": vus_pr(scores, labels, buffer),
        "precision": float(metrics.precision_score(labels, flags)),
        "recall": float(metrics.recall_score(labels, flags)),
        "f1": float(metrics.f1_score(labels, flags)),
        "confusion": [tn, fp, fn, tp],
    }


def main():
    rng = np.random.default_rng(6)
    labels = np.zeros(300)
    for first, last in [(20, 24), (26, 30), (150, 190), (297, 299)]:
        labels[first : last + 1] = 1
    noise = rng.exponential(1.0, 300)
    cases = [
        case("separable", noise + 12 * labels, labels, 9.0, 20),
        case("noisy", noise + 0.8 * labels * rng.random(300), labels, 1.5, 20),
        case("ties", np.floor(noise + labels), labels, 2.0, 9),
        case("late", np.roll(noise + 6 * labels, 4), labels, 5.0, 30),
        case("inverted", np.max(noise) - noise + 1 - labels, labels, 5.0, 7),
    ]
    reference = {"source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "cases": cases}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(reference) + "\n")


main()
