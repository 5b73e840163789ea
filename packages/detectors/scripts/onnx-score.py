"""Checks ONNX files and scores rows with them, for src/onnx/to-onnx.services.test.ts.

    python3 -m venv venv
    venv/bin/pip install numpy==2.4.6 onnx==1.23.2 onnxruntime==1.31.1
    venv/bin/python scripts/onnx-score.py folder

For each <name>.onnx of the folder: onnx.checker with shape inference, then onnxruntime on <name>.rows (float32 values, row by row);
writes each output as <name>.<output> (float64 values).
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

for path in sorted(Path(sys.argv[1]).glob("*.onnx")):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    rows = np.fromfile(path.with_suffix(".rows"), dtype="<f4").reshape([-1, *given.shape[1:]])
    for output, values in zip(session.get_outputs(), session.run(None, {given.name: rows})):
        values.astype("<f8").tofile(path.with_suffix(f".{output.name}"))
    print(path.stem, len(rows))
