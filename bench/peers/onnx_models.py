"""Models for bench/onnx.bench.ts: one JSON request a line in, one answer a line out."""

import json
import sys

import numpy as np
import onnx
import skl2onnx
import sklearn
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import IsolationForest

OPSET = 17


def forest(rows):
    fitted = IsolationForest(n_estimators=100, max_samples=256, n_jobs=1, random_state=0).fit(rows)
    versions = {"": OPSET, "ai.onnx.ml": 3}
    options = {id(fitted): {"score_samples": True}}
    return skl2onnx.to_onnx(fitted, rows[:1], target_opset=versions, options=options)


def dense(sizes):
    """Gemm and Relu as PyTorch exports them, with any weights."""
    rng = np.random.default_rng(0)
    nodes, weights, value = [], [], "x"
    for k, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        weights.append(numpy_helper.from_array((rng.normal(size=(outputs, inputs)) / np.sqrt(inputs)).astype(np.float32), f"w{k}"))
        weights.append(numpy_helper.from_array(rng.normal(size=outputs).astype(np.float32), f"b{k}"))
        last = k == len(sizes) - 2
        nodes.append(helper.make_node("Gemm", [value, f"w{k}", f"b{k}"], ["y" if last else f"s{k}"], transB=1))
        if not last:
            nodes.append(helper.make_node("Relu", [f"s{k}"], [f"r{k}"]))
            value = f"r{k}"
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", size]) for name, size in (("x", sizes[0]), ("y", sizes[-1]))]
    graph = helper.make_graph(nodes, "dense", info[:1], info[1:], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


for line in sys.stdin:
    request = json.loads(line)
    rows = np.fromfile(request["rows"]).reshape(-1, request["width"]).astype(np.float32)
    onnx.save(forest(rows), request["forest"])
    onnx.save(dense(request["sizes"]), request["dense"])
    print(json.dumps({"versions": f"scikit-learn {sklearn.__version__}, skl2onnx {skl2onnx.__version__}"}), flush=True)
