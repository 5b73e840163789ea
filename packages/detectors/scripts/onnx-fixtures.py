"""Small ONNX models as scikit-learn, PyTorch and Keras write them, with the scores they give, for the readers of ONNX.

    python3 -m venv venv
    venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.31.1
    venv/bin/pip install torch==2.15.0 onnxscript==0.7.2                        # for the models of PyTorch
    venv/bin/pip install tensorflow-cpu==2.21.0 keras==3.15.1 tf2onnx==1.17.0   # for the models of Keras
    venv/bin/python scripts/onnx-fixtures.py [folder] [--only sklearn,torch,keras]

Writes <name>.onnx and <name>.json into src/onnx/fixtures (or the folder). Equal seed and versions, equal numbers.

The JSON: `rows` are the inputs (float32 values, exact; of a window model one row is one window, flattened in the model's own
order, `shape` says which), `onnx` what onnxruntime gives for each output by name (float32, shortest digits: read with
Math.fround), `model` what the model gives in its own library (float64 for scikit-learn). `squares` of an autoencoder: the sum of
squared differences between row and output, in float64 from onnxruntime's output. `reads` says how the readers are meant to
take it: 'forest', 'dense', 'scaler', or 'runtime' where only a runtime can.
"""

import argparse
import copy
import json
import os
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import onnx
import onnxruntime

SEED = 7
parser = argparse.ArgumentParser()
parser.add_argument("folder", nargs="?", default=Path(__file__).resolve().parent.parent / "src" / "onnx" / "fixtures")
parser.add_argument("--only", default="sklearn,torch,keras,readers")
arguments = parser.parse_args()
FOLDER = Path(arguments.folder)


def normal(rows, channels, seed=SEED):
    """Correlated channels of unlike scale, on a grid of 1/1024 so that float32 holds them exactly."""
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(2, channels))
    values = rng.normal(size=(rows, 2)) @ mix + 0.3 * rng.normal(size=(rows, channels))
    scaled = values * (1 + np.arange(channels)) + 10 * np.arange(channels)
    return (np.round(scaled * 1024) / 1024).astype(np.float32)


def tests(train, count=32):
    """Normal rows, and rows in which one channel after the other leaves the others."""
    rows = normal(count, train.shape[1], SEED + 1)
    for i in range(count // 2, count):
        rows[i, i % train.shape[1]] += np.float32((i - count // 2 + 1) * 0.5 * train.std())
    return (np.round(rows * 1024) / 1024).astype(np.float32)


def numbers(values):
    """Shortest digits that give the same value back at its own precision."""
    values = np.asarray(values)
    if values.dtype == np.float32:
        return [float(str(v)) for v in values.ravel()]
    return [v.item() for v in values.ravel()]


def write(name, model, rows, *, reads, made, libraries, own, squares=False, window=None, **more):
    """The model (ModelProto or a file that an exporter wrote) and what it gives for the rows."""
    path = FOLDER / f"{name}.onnx"
    if model is not None:
        path.write_bytes(model.SerializeToString())
    proto = onnx.load(path, load_external_data=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    results = dict(zip([o.name for o in session.get_outputs()], session.run(None, {given.name: rows})))
    record = {
        "name": name,
        "reads": reads,
        "made": made,
        "versions": {n: version(n) for n in ["numpy", "onnx", "onnxruntime", *libraries]},
        "opset": {d.domain or "ai.onnx": d.version for d in sorted(proto.opset_import, key=lambda d: d.domain)},
        "ir": proto.ir_version,
        "input": given.name,
        "shape": [len(rows), *rows.shape[1:]],
        **({"window": window} if window else {}),
        **more,
        "rows": [numbers(row) for row in rows],
        "onnx": {key: numbers(value) for key, value in results.items()},
        "model": {key: numbers(value) for key, value in own.items()},
    }
    if squares:
        first = next(iter(results.values())).astype(np.float64).reshape(rows.shape)
        record["squares"] = numbers(((first - rows) ** 2).reshape(len(rows), -1).sum(axis=1))
    (FOLDER / f"{name}.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")
    print(f"{name}: {path.stat().st_size} bytes, {sorted({n.op_type for n in proto.graph.node})}")


# ---- scikit-learn


def sklearn_models():
    from sklearn.ensemble import IsolationForest
    from sklearn.neighbors import LocalOutlierFactor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
    from sklearn.svm import OneClassSVM

    train = normal(400, 4)
    forest = dict(n_estimators=10, max_samples=64, random_state=SEED)

    def outlier(name, model, opset, ml=3, score_samples=True, reads="runtime", rows=None):
        model.fit(train.astype(np.float64))
        last = model.steps[-1][1] if hasattr(model, "steps") else model
        if score_samples and hasattr(last, "score_samples") and isinstance(last, IsolationForest):
            options = {id(last): {"score_samples": True}}
        else:
            options = None
        rows = tests(train) if rows is None else rows(model)
        own = {
            "score_samples": model.score_samples(rows),
            "decision_function": model.decision_function(rows),
            "predict": model.predict(rows),
        }
        save_sklearn(name, model, rows, opset, ml, options, reads, own, offset=numbers(last.offset_)[0])

    def edges(model):
        """Thresholds of the trees and their neighbours in float32 on both sides, among ordinary rows."""
        rows = tests(train)
        trees = [tree.tree_ for tree in model.estimators_]
        cuts = np.concatenate([t.threshold[t.children_left >= 0] for t in trees])
        columns = np.concatenate([f[t.feature[t.children_left >= 0]] for t, f in zip(trees, model.estimators_features_)])
        added = np.resize(rows[:8], (36, 4))
        for i in range(36):
            value = np.float32(cuts[7 * (i // 3)])
            side = (-np.inf, None, np.inf)[i % 3]
            added[i, columns[7 * (i // 3)]] = value if side is None else np.nextafter(value, np.float32(side))
        return np.vstack([rows, added]).astype(np.float32)

    outlier("forest", IsolationForest(**forest), 17, reads="forest", rows=edges)
    outlier("forest-opset12", IsolationForest(**forest), 12, 2, reads="forest")
    outlier("forest-features", IsolationForest(max_features=0.6, **forest), 15, reads="forest")
    outlier("forest-contamination", IsolationForest(contamination=0.1, **forest), 18, score_samples=False, reads="forest")
    outlier("forest-standard", make_pipeline(StandardScaler(), IsolationForest(**forest)), 13, reads="forest")
    outlier("forest-robust", make_pipeline(RobustScaler(), IsolationForest(**forest)), 14, reads="forest")
    scaled = make_pipeline(MinMaxScaler(), IsolationForest(contamination=0.1, max_features=0.6, **forest))
    outlier("forest-minmax", scaled, 21, reads="forest")
    outlier("lof", LocalOutlierFactor(n_neighbors=10, novelty=True), 16)
    outlier("lof-standard", make_pipeline(StandardScaler(), LocalOutlierFactor(n_neighbors=10, novelty=True)), 19)
    outlier("one-class-svm", OneClassSVM(nu=0.1, gamma="scale"), 20)
    outlier("one-class-svm-robust", make_pipeline(RobustScaler(), OneClassSVM(nu=0.1)), 12, 1)

    for name, scaler, opset in (
        ("standard-scaler", StandardScaler(), 12),
        ("robust-scaler", RobustScaler(), 17),
        ("min-max-scaler", MinMaxScaler(), 18),
        ("min-max-scaler-clip", MinMaxScaler(feature_range=(-1, 1), clip=True), 21),
        ("standard-scaler-mean-only", StandardScaler(with_std=False), 15),
    ):
        scaler.fit(train.astype(np.float64))
        rows = tests(train)
        save_sklearn(name, scaler, rows, opset, 3, None, "scaler", {"transform": scaler.transform(rows.astype(np.float64))})


def save_sklearn(name, model, rows, opset, ml, options, reads, own, **more):
    from skl2onnx import to_onnx

    # The converter gathers each tree's features itself, and refuses max_features < 1 all the same: it looks at this number only.
    converted = copy.deepcopy(model)
    last = converted.steps[-1][1] if hasattr(converted, "steps") else converted
    if hasattr(last, "_max_features"):
        last._max_features = rows.shape[1]
    if options:
        options = {id(last): value for value in options.values()}
    proto = to_onnx(converted, rows[:1], target_opset={"": opset, "ai.onnx.ml": ml}, options=options)
    made = f"skl2onnx.to_onnx({model!r})".replace("\n", "").replace("  ", "")
    write(name, proto, rows, reads=reads, made=made, libraries=["scikit-learn", "skl2onnx"], own=own, **more)


# ---- PyTorch


def torch_models():
    import torch
    from torch import nn

    torch.set_num_threads(1)
    train = torch.from_numpy(normal(512, 8))
    mean, deviation = train.mean(0), train.std(0)

    class Scaled(nn.Module):
        """Standardises, reconstructs, and takes the scale back: raw values in and out."""

        def __init__(self, inner):
            super().__init__()
            self.register_buffer("mean", mean)
            self.register_buffer("deviation", deviation)
            self.inner = inner

        def forward(self, x):
            return self.inner((x - self.mean) / self.deviation) * self.deviation + self.mean

    class WindowDense(nn.Module):
        """[N, T, C] or [N, C, T] through dense layers on the flattened window."""

        def __init__(self, shape):
            super().__init__()
            size = shape[0] * shape[1]
            self.shape = shape
            self.layers = nn.Sequential(nn.Flatten(), nn.Linear(size, 12), nn.ReLU(), nn.Linear(12, size))

        def forward(self, x):
            return self.layers(x).reshape(-1, *self.shape)

    def dense(hidden, sizes=(8, 16, 4, 16, 8), bias=True):
        layers = []
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            layers += [nn.Linear(a, b, bias=bias)] + ([hidden()] if i < len(sizes) - 2 else [])
        return nn.Sequential(*layers)

    def train_and_save(name, make, opset, dynamo, reads="dense", data=None, window=None, external=False):
        torch.manual_seed(SEED)
        model = make()
        data = (train - mean) / deviation if data is None else data
        adam = torch.optim.Adam(model.parameters(), lr=5e-3)
        for _ in range(60):
            for part in data.split(64):
                adam.zero_grad()
                nn.functional.mse_loss(model(part), part).backward()
                adam.step()
        model.eval()
        raw = torch.from_numpy(tests(train.numpy()))
        rows = raw if isinstance(model, Scaled) else (raw - mean) / deviation
        if window:
            rows = windows_of(rows, window)
        path = FOLDER / f"{name}.onnx"
        how = dict(input_names=["x"], output_names=["reconstruction"], opset_version=opset)
        if dynamo:
            axes = ({0: torch.export.Dim("batch")},)
            torch.onnx.export(model, (rows[:2],), str(path), dynamo=True, dynamic_shapes=axes, external_data=external, verbose=False, **how)
        else:
            axes = {"x": {0: "batch"}, "reconstruction": {0: "batch"}}
            torch.onnx.export(model, (rows[:1],), str(path), dynamo=False, dynamic_axes=axes, **how)
        strip(path, external)
        made = f"torch.onnx.export(dynamo={dynamo}) of {' '.join(repr(model).split())}"
        with torch.no_grad():
            own = {"output": model(rows).numpy()}
        libraries = ["torch", "onnxscript"] if dynamo else ["torch"]
        write(name, None, rows.numpy(), reads=reads, made=made, libraries=libraries, own=own, squares=True, window=window)

    def windows_of(rows, window):
        cut = rows.unfold(0, window["scans"], 1)  # [N, C, T]
        return cut.contiguous() if window["layout"] == "NCT" else cut.transpose(1, 2).contiguous()

    def strip(path, external):
        """Takes away where in which source file a node comes from: paths of this machine, and most of the bytes."""
        proto = onnx.load(path, load_external_data=False)
        for item in [*proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output, proto.graph, proto]:
            item.doc_string = ""
            del item.metadata_props[:]
        path.write_bytes(proto.SerializeToString())

    standard = (train - mean) / deviation
    ntc, nct = ({"scans": 6, "layout": layout} for layout in ("NTC", "NCT"))
    train_and_save("autoencoder-torchscript", lambda: dense(nn.ReLU), 17, False)
    train_and_save("autoencoder-dynamo", lambda: dense(nn.ReLU), 18, True)
    train_and_save("autoencoder-tanh", lambda: dense(nn.Tanh), 12, False)
    train_and_save("autoencoder-sigmoid", lambda: dense(nn.Sigmoid), 20, True)
    train_and_save("autoencoder-no-bias", lambda: dense(nn.Tanh, bias=False), 14, False)
    train_and_save("autoencoder-scaled", lambda: Scaled(dense(nn.ReLU)), 16, False, data=train)
    train_and_save("autoencoder-scaled-dynamo", lambda: Scaled(dense(nn.ReLU)), 21, True, data=train)
    train_and_save("autoencoder-external", lambda: dense(nn.ReLU), 18, True, external=True)
    train_and_save("autoencoder-elu", lambda: dense(nn.ELU), 13, False)
    train_and_save("window-ntc", lambda: WindowDense((6, 8)), 18, True, data=windows_of(standard, ntc), window=ntc)
    train_and_save("window-nct", lambda: WindowDense((8, 6)), 15, False, data=windows_of(standard, nct), window=nct)
    conv = lambda: nn.Sequential(nn.Conv1d(8, 4, 3, padding=1), nn.ReLU(), nn.Conv1d(4, 8, 3, padding=1))
    train_and_save("window-conv", conv, 19, True, reads="runtime", data=windows_of(standard, nct), window=nct)


# ---- Keras


def keras_models():
    import keras
    import tensorflow as tf

    data = normal(512, 8)
    scaled = ((data - data.mean(0)) / data.std(0)).astype(np.float32)
    rows = ((tests(data) - data.mean(0)) / data.std(0)).astype(np.float32)

    def train_and_save(name, layers, opset):
        keras.utils.set_random_seed(SEED)
        model = keras.Sequential([keras.Input((8,)), *layers()])
        model.compile("adam", "mse")
        model.fit(scaled, scaled, epochs=20, batch_size=64, verbose=0)
        path = FOLDER / f"{name}.onnx"
        signature = [tf.TensorSpec((None, 8), tf.float32, name="x")]
        model.export(str(path), format="onnx", verbose=False, input_signature=signature, opset_version=opset)
        own = {"output": model.predict(rows, verbose=0)}
        made = "keras.Model.export(format='onnx') of " + ", ".join(f"{type(l).__name__}({l.units}, {l.activation.__name__})" for l in model.layers)
        libraries = ["keras", "tensorflow-cpu", "tf2onnx"]
        write(name, None, rows, reads="dense", made=made, libraries=libraries, own=own, squares=True)

    layer = keras.layers.Dense
    train_and_save("autoencoder-keras", lambda: [layer(16, "relu"), layer(4, "relu"), layer(16, "relu"), layer(8)], 15)
    train_and_save("autoencoder-keras-tanh", lambda: [layer(6, "tanh"), layer(8, "sigmoid"), layer(8)], 18)


# ---- more for the readers


def reader_models():
    """Forms of dense networks that exporters write otherwise: numbers one below another, shapes worked out, batch normalisation."""
    import torch
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from torch import nn

    train = normal(400, 4)
    rows = tests(train)
    network = MLPRegressor(hidden_layer_sizes=(8, 3, 8), activation="tanh", max_iter=200, random_state=SEED)
    model = make_pipeline(StandardScaler(), network).fit(train, train)
    proto = to_onnx(model, rows[:1], target_opset={"": 16, "ai.onnx.ml": 3})
    made = f"skl2onnx.to_onnx({model!r})".replace("\n", "").replace("  ", "")
    own = {"output": model.predict(rows)}
    write("autoencoder-mlp", proto, rows, reads="dense", made=made, libraries=["scikit-learn", "skl2onnx"], own=own, squares=True)

    torch.set_num_threads(1)
    torch.manual_seed(SEED)

    class View(nn.Module):
        """Windows [N, T, C] as rows by `view`, which is exported as arithmetic with shapes."""

        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(24, 8), nn.BatchNorm1d(8), nn.LeakyReLU(0.1), nn.Dropout(0.2), nn.Linear(8, 24))

        def forward(self, x):
            return self.layers(x.view(x.size(0), -1)).view(x.size(0), 6, 4)

    view = View()
    windows = torch.from_numpy(normal(6 * 200, 4)).reshape(200, 6, 4) / 10
    for _ in range(20):
        view(windows)  # what batch normalisation learns
    view.eval()
    part = windows[:16]
    path = FOLDER / "window-view.onnx"
    axes = {"x": {0: "batch"}, "reconstruction": {0: "batch"}}
    names = dict(input_names=["x"], output_names=["reconstruction"])
    torch.onnx.export(view, (part[:1],), str(path), dynamo=False, opset_version=14, dynamic_axes=axes, **names)
    with torch.no_grad():
        own = {"output": view(part).numpy()}
    made = f"torch.onnx.export(dynamo=False) of {' '.join(repr(view).split())}"
    window = {"scans": 6, "layout": "NTC"}
    write("window-view", None, part.numpy(), reads="dense", made=made, libraries=["torch"], own=own, squares=True, window=window)


FOLDER.mkdir(parents=True, exist_ok=True)
for part in arguments.only.split(","):
    {"sklearn": sklearn_models, "torch": torch_models, "keras": keras_models, "readers": reader_models}[part]()
