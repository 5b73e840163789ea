"""Scores the recording with the models that train.ts wrote, and compares: plain onnxruntime, nothing of Messwerk.

    pip install numpy onnxruntime
    python3 score.py out
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
with open(folder / "recording.csv", newline="") as file:
    recording = list(csv.DictReader(file))
runs = [row["run"] for row in recording]


def alarms_of(scores, threshold):
    """The first and the last scan of each alarm: raised from `raise` on, cleared below `clear`; every run begins without one."""
    alarms, is_raised = [], False
    for i, score in enumerate(scores):
        goes_on = is_raised and runs[i] == runs[i - 1]
        is_raised = bool(score >= threshold["clear" if goes_on else "raise"])
        if is_raised and goes_on:
            alarms[-1][1] = i
        elif is_raised:
            alarms.append([i, i])
    return alarms


failed = False
for path in sorted(folder.glob("*.onnx")):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    told = session.get_modelmeta().custom_metadata_map
    channels = json.loads(told["messwerk.channels"])
    rows = np.array([[row[name] for name in channels] for row in recording], dtype=np.float32)
    (scores,) = session.run(["score"], {"input": rows})
    there = json.loads(path.with_suffix(".json").read_text())
    apart = np.max(np.abs(scores - there["scores"]) / there["scores"])
    alarms = alarms_of(scores, json.loads(told["messwerk.threshold"]))
    same = alarms == there["alarms"]
    failed = failed or not same or bool(apart > 1e-6)
    verdict = "the same alarms" if same else f"not the {len(there['alarms'])} alarms of there"
    print(f"{path.stem}: {len(scores)} scans, {len(alarms)} alarms: {verdict}; largest difference of a score {apart:.1e}")
sys.exit(1 if failed else 0)
