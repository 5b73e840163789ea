"""Reference values for sequenceComponents: NumPy's FFT bin and Fortescue's matrix, on three distorted, unbalanced phases.

Run with NumPy (values committed were made with the version that the file names):
python sequence-components.py > ../src/operators/fixtures/sequence-components.json
"""
import json

import numpy as np

RATE, MAINS, SIZE, WINDOWS = 1000, 60, 50, 4
rng = np.random.default_rng(20180101)
t = np.arange(SIZE * WINDOWS) / RATE
amplitudes, angles = [10.0, 9.1, 11.7], [0.4, 0.4 - 2 * np.pi / 3 + 0.05, 0.4 + 2 * np.pi / 3 - 0.02]
phases = [
    np.round(a * np.cos(2 * np.pi * MAINS * t + p) + 0.7 * np.cos(2 * np.pi * 5 * MAINS * t) + 0.3 + 0.2 * rng.standard_normal(t.size), 6)
    for a, p in zip(amplitudes, angles)
]
turn = np.exp(2j * np.pi / 3)
fortescue = np.array([[1, turn, turn**2], [1, turn**2, turn], [1, 1, 1]]) / 3
rows = []
for w in range(WINDOWS):
    # 50 scans at 1 kHz are exactly 3 periods of 60 Hz: bin 3.
    phasors = np.array([2 / SIZE * np.fft.fft(x[w * SIZE : (w + 1) * SIZE])[3] for x in phases])
    one, two, zero = fortescue @ phasors
    ratio = two / one
    rows.append([abs(one), np.angle(one, deg=True), abs(two), np.angle(two, deg=True), abs(zero),
                 abs(ratio), np.angle(ratio, deg=True), ratio.real, ratio.imag])
print(json.dumps({"numpy": np.__version__, "phases": [x.tolist() for x in phases], "rows": [[float(v) for v in r] for r in rows]}))
