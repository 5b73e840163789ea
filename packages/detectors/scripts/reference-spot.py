"""Limits of the authors' SPOT, for the tests of `spot`.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python packages/detectors/scripts/reference-spot.py spot.py

Writes thresholds/fixtures/spot.json below src, or below the folder given as second argument.

`spot.py` is A. Siffer's, as kept in github.com/NetManAIOps/OmniAnomaly (omni_anomaly/spot.py, 3da9a2e); it is GPL-3.0 and not copied here.

It looks for positive shapes only above 2 (mean - least) / (mean least), where there are none for most tails, and takes the
exponential tail's likelihood with the wrong sign. So the tails here are such that its answer is that of the greatest likelihood:
bounded or bell-shaped, excesses well below 1. `scipy` holds the greatest likelihood by scipy.stats.genpareto, for all of them.
"""
import json
import sys
import types
from pathlib import Path

import numpy as np
import scipy
from scipy.stats import genpareto

SOURCE = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent.parent / "src"

for name in ("matplotlib", "matplotlib.pyplot", "pandas", "tqdm"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["matplotlib"].pyplot = sys.modules["matplotlib.pyplot"]
sys.modules["pandas"].Series = list
sys.modules["tqdm"].tqdm = lambda x: x
source = types.ModuleType("spot")
exec(compile(Path(sys.argv[1]).read_text(), "spot.py", "exec"), source.__dict__)

rng = np.random.default_rng(1)
cases = {
    "bell": np.abs(rng.normal(size=1400)),
    "bounded": rng.beta(2, 6, size=1400),
    "heavy": np.abs(rng.standard_t(5, size=1400)) * 0.1,
}
q, level, calibration = 1e-3, 0.95, 1000
out = {"numpy": np.__version__, "scipy": scipy.__version__, "q": q, "level": level, "calibration": calibration, "cases": {}}
for name, values in cases.items():
    values = np.round(values, 5)
    if name == "bell":
        values[1100] = values[1250] = 9
    spot = source.SPOT(q)
    spot.fit(values[:calibration], values[calibration:])
    spot.initialize(level=level, verbose=False)
    first = spot.extreme_quantile
    shape, _, scale = genpareto.fit(spot.peaks, floc=0)
    r = spot.n * q / spot.Nt
    ran = spot.run()
    last_shape, _, last_scale = genpareto.fit(spot.peaks, floc=0)
    last_r = spot.n * q / spot.Nt
    out["cases"][name] = {
        "scores": values.tolist(),
        "t": float(spot.init_threshold),
        "first": float(first),
        "last": float(ran["thresholds"][-1]),
        "alarms": [int(i) for i in ran["alarms"]],
        "peaks": int(spot.Nt),
        "scipy": float(spot.init_threshold + scale / shape * (r**-shape - 1)),
        "lastScipy": float(spot.init_threshold + last_scale / last_shape * (last_r**-last_shape - 1)),
    }
    print(name, {k: v for k, v in out["cases"][name].items() if k != "scores"}, shape, scale)
TARGET = SOURCE / "thresholds" / "fixtures" / "spot.json"
TARGET.parent.mkdir(parents=True, exist_ok=True)
TARGET.write_text(json.dumps(out) + "\n")
