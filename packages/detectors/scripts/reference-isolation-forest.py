"""Trees of scikit-learn and its scores for them, for isolationForest.

    python3 -m venv venv && venv/bin/pip install numpy scikit-learn && venv/bin/python scripts/reference-isolation-forest.py

Writes src/isolation-forest/fixtures/reference.json. Equal seed, equal file.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"
TARGET = SOURCE / "isolation-forest" / "fixtures" / "reference.json"


def nodes_of(estimator, features):
    """Node by node, left subtree first, which is how scikit-learn numbers them: a channel, or -(rows) for a leaf."""
    tree = estimator.tree_
    for node, left in enumerate(tree.children_left):
        assert left in (-1, node + 1)
        yield int(features[tree.feature[node]]) if left >= 0 else -int(tree.n_node_samples[node])


def case(name, train, test, **options):
    forest = IsolationForest(random_state=7, n_jobs=1, **options).fit(train)
    nodes, thresholds = [], []
    for estimator, features in zip(forest.estimators_, forest.estimators_features_):
        nodes += nodes_of(estimator, features)
        tree = estimator.tree_
        thresholds += tree.threshold[tree.children_left >= 0].tolist()
    # Values on the edge: a threshold as it is, and its neighbours as float32 on both sides.
    edges = np.resize(thresholds, (12, train.shape[1])) if thresholds else train[:1]
    steps = [np.nextafter(edges.astype(np.float32), np.float32(side)) for side in (-np.inf, np.inf)]
    test = np.vstack([test, edges, *steps])
    return {
        "name": name,
        "trees": len(forest.estimators_),
        "sample": int(forest.max_samples_),
        "width": train.shape[1],
        "nodes": nodes,
        "thresholds": thresholds,
        "test": test.tolist(),
        "scores": (-forest.score_samples(test)).tolist(),
        "offset": float(forest.offset_),
        "trainScores": (-forest.score_samples(train)).tolist() if options.get("contamination", "auto") != "auto" else None,
    }


def main():
    rng = np.random.default_rng(20260102)
    mixed = np.hstack([rng.normal(100, 2, (400, 1)), rng.lognormal(0, 1, (400, 1)), np.round(rng.normal(0, 2, (400, 2)))])
    odd = np.array([[100, 1, 0, 0], [140, 1, 0, 0], [100, 500, 0, 0], [60, 1e-9, 40, -40], [1e30, -1e30, 1e30, 0.1]])
    six = rng.normal(0, 1, (90, 6))
    flat = np.full((20, 2), 3.5)
    contaminated = rng.normal(0, 1, (120, 2))
    cases = [
        case("256 of 400 rows", mixed, odd, n_estimators=7),
        case("some of the channels", six, 3 * rng.normal(0, 1, (20, 6)), n_estimators=9, max_samples=50, max_features=0.5),
        case("one of the channels", six, 3 * rng.normal(0, 1, (5, 6)), n_estimators=5, max_samples=20, max_features=0.2),
        case("ten rows", mixed[:10], odd, n_estimators=5),
        case("two rows", mixed[:2], odd, n_estimators=4),
        case("nothing moves", flat, np.array([[3.5, 3.5], [4, 4]]), n_estimators=3),
        case("contamination", contaminated, contaminated[:5], n_estimators=5, max_samples=32, contamination=0.07),
    ]
    reference = {
        "madeBy": f"scripts/reference-isolation-forest.py, scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "cases": cases,
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(reference) + "\n")


main()
