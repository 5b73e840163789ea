"""scikit-learn's MLPRegressor for bench/autoencoder.bench.ts: one JSON request a line in, one answer a line out."""

import json
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPRegressor


def trained(rows, batch, epochs):
    network = MLPRegressor(
        hidden_layer_sizes=(16, 4, 16), activation="relu", solver="adam", alpha=0, batch_size=batch,
        learning_rate_init=0.001, max_iter=epochs, tol=0, n_iter_no_change=epochs, random_state=0,
    )  # fmt: skip
    return network.fit(rows, rows)


def main():
    warnings.simplefilter("ignore")  # it says that it has not converged: 20 epochs are what is measured
    rows = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "load":
            rows = np.fromfile(request["file"]).reshape(-1, request["width"])
            rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
            answer = {"version": sklearn.__version__}
        else:
            start = time.perf_counter()
            trained(rows, request["batch"], request["epochs"])
            answer = {"seconds": time.perf_counter() - start}
        print(json.dumps(answer), flush=True)


main()
