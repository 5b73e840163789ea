"""Trees of River and its scores for them, for halfSpaceTrees.

    python3 -m venv venv && venv/bin/pip install river && venv/bin/python scripts/reference-half-space-trees.py

Writes src/half-space-trees/fixtures/reference.json. Equal seed, equal file.
A folder given as argument takes the place of src.
"""

import json
import random
import sys
from pathlib import Path

import river
from river import anomaly

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"
TARGET = SOURCE / "half-space-trees" / "fixtures" / "reference.json"


def splits_of(node, channels):
    """Node by node, left subtree first: a channel and where it is cut; leaves are left out, as all are at one depth."""
    if not hasattr(node, "children"):
        return [], []
    left, right = node.children
    features, splits = [channels.index(node.feature)], [node.threshold]
    for child in (left, right):
        more = splits_of(child, channels)
        features += more[0]
        splits += more[1]
    return features, splits


def case(name, rows, limits, **options):
    channels = list(limits)
    model = anomaly.HalfSpaceTrees(limits=limits, seed=11, **options)
    scores = []
    for row in rows:
        x = dict(zip(channels, row))
        scores.append(model.score_one(x))
        model.learn_one(x)
    trees = [splits_of(tree, channels) for tree in model.trees]
    return {
        "name": name,
        "options": {"trees": model.n_trees, "height": model.height, "window": model.window_size},
        "range": [list(limits[channel]) for channel in channels],
        "features": [trees[t][0] for t in range(len(trees))],
        "splits": [trees[t][1] for t in range(len(trees))],
        "rows": rows,
        "scores": scores,
    }


def main():
    rng = random.Random(20260103)
    unit = {"a": (0, 1), "b": (0, 1), "c": (0, 1)}
    rows = [[min(max(rng.gauss(0.5, 0.1), 0), 1) for _ in unit] for _ in range(190)]
    rows[150] = [0.99, 0.01, 0.5]
    wide = {"a": (-10, 30), "b": (0, 0.5)}
    others = [[rng.uniform(-20, 40), rng.gauss(0.2, 0.1)] for _ in range(100)]
    cases = [
        case("unit range", rows, unit, n_trees=5, height=6, window_size=60),
        case("other ranges, values beyond them", others, wide, n_trees=3, height=4, window_size=25),
    ]
    reference = {"madeBy": f"scripts/reference-half-space-trees.py, river {river.__version__}", "cases": cases}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(reference) + "\n")


main()
