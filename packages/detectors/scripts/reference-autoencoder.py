"""Forward, backward and Adam in numpy, for autoencoder: losses of each epoch and the weights behind the last.

    python3 -m venv venv && venv/bin/pip install numpy && venv/bin/python scripts/reference-autoencoder.py

Writes src/autoencoder/fixtures/reference.json. Equal seed, equal file.
A folder given as argument takes the place of src.
"""

import json
import sys
from pathlib import Path

import numpy as np

SOURCE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "src"
TARGET = SOURCE / "autoencoder" / "fixtures" / "reference.json"
EPOCHS = 12

ACTIVATIONS = {
    "linear": (lambda z: z, lambda z: np.ones_like(z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(z)), lambda z: np.where(z > 0, 1, np.exp(z))),
}
LOSSES = {
    "mse": (lambda e: e**2, lambda e: 2 * e),
    "huber": (lambda e: np.where(abs(e) <= 1, e**2 / 2, abs(e) - 0.5), lambda e: np.clip(e, -1, 1)),
}


class Adam:
    """Decoupled weight decay, as torch.optim.AdamW."""

    def __init__(self, parameters, rate, decay):
        self.parameters, self.rate, self.decay, self.steps = parameters, rate, decay, 0
        self.means = [np.zeros_like(p) for p in parameters]
        self.squares = [np.zeros_like(p) for p in parameters]

    def step(self, slopes):
        self.steps += 1
        for p, slope, m, v in zip(self.parameters, slopes, self.means, self.squares):
            if p.ndim == 2:
                p *= 1 - self.rate * self.decay
            m[:] = 0.9 * m + 0.1 * slope
            v[:] = 0.999 * v + 0.001 * slope**2
            p -= self.rate * (m / (1 - 0.9**self.steps)) / (np.sqrt(v / (1 - 0.999**self.steps)) + 1e-8)


def slopes_of(weights, biases, activations, loss, rows, targets):
    """Sum of the loss, number of targets, and the slopes of its mean for weights and biases in turn."""
    outputs, sums = [rows], []
    for weight, bias, activation in zip(weights, biases, activations):
        sums.append(outputs[-1] @ weight.T + bias)
        outputs.append(ACTIVATIONS[activation][0](sums[-1]))
    known = ~np.isnan(targets)
    errors = np.where(known, outputs[-1] - np.where(known, targets, 0), 0)
    value, slope = LOSSES[loss]
    delta = slope(errors) / known.sum()
    slopes = []
    for k in reversed(range(len(weights))):
        delta = delta * ACTIVATIONS[activations[k]][1](sums[k])
        slopes = [delta.T @ outputs[k], delta.sum(axis=0)] + slopes
        delta = delta @ weights[k]
    return value(errors).sum(), known.sum(), slopes


def case(name, rng, sizes, activations, loss, rate, decay, batch, missing):
    width = sizes[0]
    targets = np.round(rng.normal(size=(70, 2)) @ rng.normal(size=(2, width)) + 0.3 * rng.normal(size=(70, width)), 6)
    targets[rng.random(targets.shape) < missing] = np.nan
    rows = np.nan_to_num(targets)
    weights = [np.round(rng.normal(size=(b, a)) * 0.5, 6) for a, b in zip(sizes, sizes[1:])]
    biases = [np.round(rng.normal(size=b) * 0.2, 6) for b in sizes[1:]]
    first = [p.ravel().tolist() for pair in zip(weights, biases) for p in pair]
    adam = Adam([p for pair in zip(weights, biases) for p in pair], rate, decay)
    orders, losses = [], []
    for _ in range(EPOCHS):
        order = rng.permutation(len(rows))
        orders.append(order.tolist())
        total = count = 0
        for at in range(0, len(order), batch):
            chosen = order[at : at + batch]
            loss_sum, known, slopes = slopes_of(weights, biases, activations, loss, rows[chosen], targets[chosen])
            total, count = total + loss_sum, count + known
            adam.step(slopes)
        losses.append(total / count)
    last = [p.ravel().tolist() for pair in zip(weights, biases) for p in pair]
    options = {"loss": loss, "rate": rate, "decay": decay, "batch": batch}
    listed = [[None if np.isnan(x) else x for x in row] for row in targets.tolist()]
    return {
        "name": name, "sizes": sizes, "activations": activations, "options": options,
        "targets": listed, "first": first, "orders": orders, "losses": losses, "last": last,
    }  # fmt: skip


def main():
    rng = np.random.default_rng(7)
    cases = [
        case("tanh, squared error", rng, [4, 6, 2, 6, 4], ["tanh"] * 3 + ["linear"], "mse", 0.01, 0, 16, 0),
        case("ReLU, Huber, decay, missing values", rng, [5, 8, 3, 5], ["relu"] * 2 + ["linear"], "huber", 0.02, 0.05, 32, 0.15),
        case("sigmoid and elu, decay", rng, [3, 5, 3], ["elu", "sigmoid"], "mse", 0.03, 0.01, 8, 0.05),
    ]  # fmt: skip
    reference = {"madeBy": f"scripts/reference-autoencoder.py, numpy {np.__version__}", "cases": cases}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(reference) + "\n")


main()
