"""Trains on good data of a pump and writes what run.ts needs: pump.csv, forest.mwz, autoencoder.mwz and scores.csv.

    python3 -m venv venv
    venv/bin/pip install -r ../../python/requirements.txt     # and torch, onnxscript for the autoencoder
    venv/bin/python train.py [folder]

Without PyTorch it writes the forest only. Equal seed and versions, equal scores.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "python"))  # or copy messwerk_bundle.py beside this file
import messwerk_bundle  # noqa: E402

OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
CHANNELS = {"pressure": "bar", "current": "A", "temperature": "Cel", "vibration": "mm/s"}
ROWS, GOOD = 10_000, 6_000
TRAINED = {"rows": GOOD, "note": "pump.csv, its first 6 000 rows: no fault known"}


def pump(seed=7):
    """A pump under changing load, ten rows a second: good until row 7 000, then three faults with good rows between them."""
    rng = np.random.default_rng(seed)
    load = 1 + 0.4 * np.sin(np.arange(ROWS) * 2 * np.pi / 1_500) + 0.05 * rng.normal(size=ROWS)
    noise = rng.normal(size=(ROWS, 4)) * [0.03, 0.2, 0.15, 0.08]
    clean = np.column_stack([2 + 3 * load, 9 + 6 * load, 55 + 5 * load, 1.2 + 0.4 * load])
    frame = pd.DataFrame(clean + noise, columns=list(CHANNELS)).assign(fault=0)
    frame.loc[7000:7299, ["pressure", "fault"]] += [-2.5, 1]  # a leak
    frame.loc[8000:8299, ["vibration", "fault"]] += [2.5, 1]  # a bearing
    frame.loc[9000:9299, ["current", "temperature", "fault"]] += [8, 8, 1]  # something drags
    return frame.round(3)


def forest(frame):
    good, channels = frame[:GOOD], list(CHANNELS)
    model = IsolationForest(n_estimators=50, max_samples=128, random_state=7).fit(good[channels])
    scores = -model.score_samples(frame[channels])
    save("forest", model, frame, scores)
    return scores


def autoencoder(frame):
    import torch
    from torch import nn

    torch.manual_seed(7)
    torch.set_num_threads(1)
    scaler = StandardScaler().fit(frame.loc[: GOOD - 1, list(CHANNELS)])
    rows = torch.from_numpy(scaler.transform(frame[list(CHANNELS)]).astype(np.float32))
    model = nn.Sequential(nn.Linear(4, 12), nn.Tanh(), nn.Linear(12, 1), nn.Tanh(), nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 4))
    adam = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        for part in rows[torch.randperm(GOOD)].split(64):
            adam.zero_grad()
            nn.functional.mse_loss(model(part), part).backward()
            adam.step()
    with torch.no_grad():
        scores = ((model(rows) - rows) ** 2).mean(1).double().numpy()
    save("autoencoder", model, frame, scores, scaler=scaler)
    return scores


def save(name, model, frame, scores, **more):
    raised = float(np.quantile(scores[:GOOD], 0.98))
    auc = float(roc_auc_score(frame.fault[GOOD:], scores[GOOD:]))
    print(f"{name}: ROC-AUC {auc:.3f}, alarm from {raised:.4f}")
    messwerk_bundle.save(
        OUT / f"{name}.mwz",
        model,
        CHANNELS,
        sample_rows=frame,
        threshold={"raise": raised, "clear": 0.9 * raised, "kOfN": [7, 10], "clearDelay": "2s"},
        training=TRAINED,
        metrics={"rocAuc": auc},
        licence="Apache-2.0",
        **more,
    )


table = pump()
results = {"forest": forest(table)}
if find_spec("torch") and find_spec("onnxscript"):
    results["autoencoder"] = autoencoder(table)
table.drop(columns="fault").to_csv(OUT / "pump.csv", index=False)
pd.DataFrame(results).to_csv(OUT / "scores.csv", index=False, float_format="%.9g")
