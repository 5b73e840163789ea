"""numpy, River and rrcf for bench/detectors.bench.ts: one JSON request a line in, one answer a line out."""

import json
import sys
import time
from importlib.metadata import version

import numpy as np
import rrcf
from river import anomaly


def half_space_trees(rows):
    """River's defaults, with the limits that its documentation asks for; score, then learn."""
    width = rows.shape[1]
    model = anomaly.HalfSpaceTrees(seed=1, limits={c: (-6, 6) for c in range(width)})
    dicts = [dict(enumerate(row)) for row in rows.tolist()]
    start = time.perf_counter()
    for row in dicts:
        model.score_one(row)
        model.learn_one(row)
    return time.perf_counter() - start


def random_cut_forest(rows, trees=50, sample=256):
    """The streaming loop of rrcf's documentation: forget, insert, score."""
    forest = [rrcf.RCTree() for _ in range(trees)]
    for i in range(sample):
        for tree in forest:
            tree.insert_point(rows[i], index=i)
    start = time.perf_counter()
    for i in range(sample, len(rows)):
        for tree in forest:
            tree.forget_point(i - sample)
            tree.insert_point(rows[i], index=i)
            tree.codisp(i)
    return time.perf_counter() - start


def t2(rows):
    mean = rows.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(rows, rowvar=False))
    whitening = vectors / np.sqrt(values)
    start = time.perf_counter()
    ((rows - mean) @ whitening).__pow__(2).sum(axis=1)
    return time.perf_counter() - start


def z_score(rows):
    mean, deviation = rows.mean(axis=0), rows.std(axis=0, ddof=1)
    start = time.perf_counter()
    np.abs((rows - mean) / deviation).max(axis=1)
    return time.perf_counter() - start


def main():
    rng = np.random.default_rng(1)
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "versions":
            answer = {name: version(name) for name in ("numpy", "river", "rrcf")}
        else:
            rows = rng.normal(size=(request["rows"], 8))
            answer = {"seconds": globals()[request["do"]](rows)}
        print(json.dumps(answer), flush=True)


main()
