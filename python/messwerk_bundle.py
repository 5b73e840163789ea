"""Writes a model that was trained in Python as one file (`.mwz`), which `loadModel` of @messwerk/detectors/models reads.
Needs onnx, which brings numpy; for models of scikit-learn skl2onnx, of PyTorch onnxscript; onnxruntime if installed. Apache-2.0.
    messwerk_bundle.save("pump.mwz", model, {"pressure": "bar", "current": "A"}, sample_rows=frame, threshold={"raise": 0.6})
"""
import copy, datetime, hashlib, io, json, os, pathlib, warnings, zipfile, numpy as np, onnx  # noqa: E401

def save(path, model, channels, scaler=None, sample_rows=None, *, name=None, version=1, window=None, layout="NTC", score=None,
         threshold=None, training=None, metrics=None, licence=None, opset=18, tolerance=1e-4):
    """Returns the hash of the file, 'sha256:...'. Raises TypeError or ValueError, and writes nothing, where things do not fit.
    model: fitted IsolationForest, LocalOutlierFactor(novelty=True), OneClassSVM or a Pipeline with one; a torch.nn.Module; ONNX
        as path, bytes or ModelProto. A network gives back what it was given: its score is the mean squared difference.
    channels: {name: UCUM unit}, in the order of the inputs. scaler: of scikit-learn, fitted, where one stands before the model.
    sample_rows: >= 64 measured rows (+ window - 1), before the scaler: [row, channel], or a DataFrame that has these columns.
    window, layout: scans of a window; axes of the input, 'NTC' = [window, scan, channel] or 'NCT'.
    score: 'sklearn-score-samples', 'sklearn-decision', 'reconstruction', {'output', 'higherIs': 'anomalous' | 'normal', 'offset'}.
    threshold: {'raise', 'clear', 'delay'}. training: {'rows', 'from', 'to', 'note'}. metrics: {name: number}.
    """
    if not isinstance(channels, dict) or not channels or not all(isinstance(t, str) for pair in channels.items() for t in pair):
        raise TypeError(f"channels must be {{name: unit}} such as {{'pressure': 'bar'}}, got {channels!r}")
    if layout not in ("NTC", "NCT") or not all(isinstance(n, int) and n >= 1 for n in (version, window or 1)):
        raise ValueError(f"version, window: whole numbers from 1; layout: 'NTC' or 'NCT'; got {version}, {window}, {layout}")
    if threshold is not None and not isinstance(dict(threshold).get("raise"), (int, float)):
        raise ValueError(f"threshold must be {{'raise': number, ...}}, got {threshold!r}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")  # it has: they are compared here
        names, rows, given = list(channels), *_samples(sample_rows, list(channels), scaler, window, layout, model)
        graph, own = _graph(model, given, opset)
    kind, scores = _scores(graph, given, score)
    if own is not None and np.mean(np.abs(scores - own) > tolerance * np.maximum(1, np.abs(own))) > 0.05:
        raise ValueError(f"model: exported it gives {scores[:3]}, here {own[:3]}, further apart than tolerance={tolerance}")
    tolerance = min(tolerance, max(0.01 * float(np.abs(scores).max()), 1e-12))  # it is absolute below 1
    proof = {"rows": rows.tolist(), "scores": [None] * (len(rows) - len(scores)) + scores.tolist(), "tolerance": tolerance}
    files = {"model.onnx": graph.SerializeToString(), "proof.json": json.dumps(proof, allow_nan=False).encode()}
    about = {
        "schema": 1, "kind": "onnx", "name": name or pathlib.Path(path).stem, "version": version, "score": kind, "metrics": metrics,
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "threshold": threshold,
        "channels": [{"name": n, "unit": unit} for n, unit in channels.items()], "training": training,
        "window": window and {"scans": window, "layout": layout}, "scaler": scaler and _scaler(scaler, names), "licence": licence,
        "files": {n: {"bytes": len(b), "sha256": hashlib.sha256(b).hexdigest()} for n, b in files.items()}, "proof": "proof.json",
    }
    files["manifest.json"] = json.dumps({k: v for k, v in about.items() if v is not None}, indent=2, allow_nan=False).encode()
    with zipfile.ZipFile(f"{path}.part", "w") as archive:
        for file, content in files.items():
            archive.writestr(zipfile.ZipInfo(file), content, zipfile.ZIP_DEFLATED)
    os.replace(f"{path}.part", path)
    return f"sha256:{hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()}"

def _samples(table, names, scaler, window, layout, model):
    """Rows for the proof, as float32 holds them (spread over the table; for windows one after the other), and the model's input."""
    if (fitted := list(getattr(model if scaler is None else scaler, "feature_names_in_", names))) != names:
        raise ValueError(f"channels are {names}, but it was fitted on {fitted}: name them as there, in that order")
    rows, needed = np.asarray(table[names] if hasattr(table, "columns") else table, dtype=np.float64), 63 + (window or 1)
    if rows.ndim != 2 or rows.shape[1] != len(names) or len(rows) < needed:
        raise ValueError(f"sample_rows must be at least {needed} rows of {len(names)} channels, got shape {rows.shape}")
    rows = (rows[:needed] if window else rows[np.linspace(0, len(rows) - 1, needed).astype(int)]).astype(np.float32).astype(float)
    if not np.isfinite(rows).all():
        raise ValueError(f"sample_rows: {names[np.argwhere(~np.isfinite(rows))[0][1]]!r} has no value in a row: give whole rows")
    given = rows if scaler is None else np.asarray(scaler.transform(rows), dtype=np.float64)
    cut = np.lib.stride_tricks.sliding_window_view(given, window or 1, axis=0)  # [window, channel, scan]
    return rows, np.ascontiguousarray(given if not window else cut if layout == "NCT" else cut.transpose(0, 2, 1))

def _graph(model, given, opset):
    """The model as ONNX, and the scores that it gives itself; None where it is ONNX already."""
    if isinstance(model, (bytes, str, os.PathLike)):
        model = onnx.load(io.BytesIO(model) if isinstance(model, bytes) else model)
    if hasattr(model, "SerializeToString"):
        return model, None
    converted = copy.deepcopy(model)
    if hasattr(model, "state_dict"):
        import torch
        rows = torch.from_numpy(given.astype(np.float32))
        own = _distance(given, converted.cpu().eval()(rows).detach().numpy())
        how = {"dynamo": True, "dynamic_shapes": ({0: torch.export.Dim("batch")},), "opset_version": opset, "verbose": False}
        graph = torch.onnx.export(converted, (rows[:2],), **how).model_proto
        for part in [graph, graph.graph, *graph.graph.node, *graph.graph.value_info, *graph.graph.input, *graph.graph.output]:
            del part.metadata_props[:]  # lines and folders of the program
        return graph, own
    last = converted.steps[-1][1] if hasattr(converted, "steps") else converted
    if not hasattr(last, "offset_"):
        raise TypeError(f"model must be a fitted outlier detector of scikit-learn, a torch.nn.Module or ONNX, got {model!r}")
    from skl2onnx import to_onnx
    last._max_features = given.shape[1]  # of a forest: skl2onnx refuses less, though it exports the features of each tree
    options = None if hasattr(last, "support_vectors_") else {id(last): {"score_samples": True}}
    graph = to_onnx(converted, given[:1].astype(np.float32), target_opset={"": opset, "ai.onnx.ml": 3}, options=options)
    return graph, -model.score_samples(given) if options else np.maximum(0, 0.5 - model.decision_function(given))

def _scores(graph, given, kind):
    """What the graph gives, and its scores of the samples."""
    try:
        from onnxruntime import InferenceSession as Session
    except ImportError:
        from onnx.reference import ReferenceEvaluator as Session
    names = [o.name for o in graph.graph.output]
    kinds = {"sklearn-score-samples": "score_samples", "sklearn-decision": "scores", "reconstruction": names[0]}
    kind = kind or next(k for k, output in kinds.items() if output in names)
    own = kind if isinstance(kind, dict) else {"output": kinds.get(kind), "higherIs": "normal"}
    wanted, higher, offset = own.get("output"), own.get("higherIs"), own.get("offset", 0.5 if kind == "sklearn-decision" else 0)
    if wanted not in names or higher not in ("anomalous", "normal") or not isinstance(offset, (int, float)):
        raise ValueError(f"score={kind!r}: there is no such kind, or no output {wanted!r} beside {names}, or a field is wrong")
    feeds = {v.name: given.astype(np.float32) for v in graph.graph.input if v.name not in {t.name for t in graph.graph.initializer}}
    out = np.asarray(Session(graph.SerializeToString()).run([wanted], feeds)[0], dtype=np.float64)
    signed = out if higher == "anomalous" else -out
    values = _distance(given, out) if kind == "reconstruction" else np.maximum(0, offset + signed.ravel())
    if len(values) != len(given):
        raise ValueError(f"score={kind!r}: {wanted!r} must give one number a row, not the shape {out.shape}")
    return kind, values

def _distance(given, out):
    if given.shape != out.shape:
        raise ValueError(f"model must give back the shape of its input, {given.shape}, not {out.shape}; else name score=")
    return np.square(out.astype(np.float64) - given.astype(np.float32)).reshape(len(given), -1).mean(axis=1)

def _scaler(scaler, names):
    kinds = {"StandardScaler": "standard mean scale", "RobustScaler": "robust center scale", "MinMaxScaler": "min-max min scale"}
    if type(scaler).__name__ not in kinds:
        raise ValueError(f"scaler must be one of {', '.join(kinds)}, got {scaler!r}: put others into a Pipeline with the model")
    kind, *fields = kinds[type(scaler).__name__].split()
    values = {f: v.tolist() for f in fields if (v := getattr(scaler, f"{f}_")) is not None and (f != "mean" or scaler.with_mean)}
    neutral, clip = {f: [float(f == "scale")] * len(names) for f in fields}, getattr(scaler, "clip", False)
    return {"kind": kind, "channels": names, **neutral, **values, **({"clip": list(scaler.feature_range)} if clip else {})}
