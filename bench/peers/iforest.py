"""scikit-learn's isolation forest for bench/iforest.bench.ts: one JSON request a line in, one answer a line out."""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest


def forest_of(fitted):
    """Node by node, left subtree first: a channel, or -(rows) for a leaf."""
    nodes, thresholds = [], []
    for estimator in fitted.estimators_:
        tree = estimator.tree_
        inner = tree.children_left >= 0
        nodes += np.where(inner, tree.feature, -tree.n_node_samples).tolist()
        thresholds += tree.threshold[inner].tolist()
    return {"nodes": nodes, "thresholds": thresholds, "version": sklearn.__version__}


def main():
    rows = fitted = None
    for line in sys.stdin:
        request = json.loads(line)
        do = request["do"]
        if do == "load":
            rows = np.fromfile(request["file"]).reshape(-1, request["width"])
            fitted = IsolationForest(n_estimators=100, max_samples=256, n_jobs=1, random_state=0).fit(rows)
            scores = (-fitted.score_samples(rows[:1000])).tolist()
            answer = forest_of(fitted) | {"scores": scores}
        else:
            row = rows[:1]
            start = time.perf_counter()
            if do == "fit":
                IsolationForest(n_estimators=100, max_samples=256, n_jobs=1, random_state=0).fit(rows)
            elif do == "batch":
                fitted.score_samples(rows)
            elif do == "one":
                for _ in range(request["times"]):
                    fitted.score_samples(row)
            answer = {"seconds": time.perf_counter() - start}
        print(json.dumps(answer), flush=True)


main()
