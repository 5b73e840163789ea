"""python -m unittest, with numpy, scikit-learn, skl2onnx, onnx and, if there, onnxruntime, torch with onnxscript, and pandas.

With MESSWERK_BUNDLES=<folder> every bundle stays there, with rows.json beside it: more rows, and the scores that are due.
"""

import hashlib
import importlib.util
import json
import os
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

import numpy as np
import onnx
from onnx import TensorProto, helper
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, RobustScaler, StandardScaler
from sklearn.svm import OneClassSVM

import messwerk_bundle

CHANNELS = {"pressure": "bar", "current": "A", "temperature": "Cel", "speed": "1/s"}
FIXTURES = Path(__file__).resolve().parent.parent / "packages" / "detectors" / "src" / "onnx" / "fixtures"
has_torch = importlib.util.find_spec("torch") and importlib.util.find_spec("onnxscript")
rng = np.random.default_rng(7)
TRAIN = rng.normal(size=(600, 4)) @ rng.normal(size=(4, 4)) * [0.1, 2, 5, 1] + [3, 10, 60, 1]
FRESH = (rng.normal(size=(200, 4)) * [0.3, 6, 20, 3] + [3, 10, 60, 1]).astype(np.float32).astype(np.float64)


def forest(**options):
    return IsolationForest(n_estimators=12, max_samples=64, random_state=7, **options)


class Bundles(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(os.environ.get("MESSWERK_BUNDLES", temporary.name))

    def save(self, file_name, model, scores=None, channels=CHANNELS, rows=TRAIN, **options):
        """Saves, reads back what it can without Messwerk, and writes the scores that Python gives for fresh rows."""
        path = self.folder / f"{file_name}.mwz"
        digest = messwerk_bundle.save(path, model, channels, sample_rows=rows, **options)
        self.assertEqual(digest, f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}")
        self.assertFalse(Path(f"{path}.part").exists())
        with zipfile.ZipFile(path) as archive:
            files = {file: archive.read(file) for file in archive.namelist()}
        manifest = json.loads(files.pop("manifest.json"))
        self.assertEqual(set(files), set(manifest["files"]))
        for file, content in files.items():
            about = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            self.assertEqual(manifest["files"][file], about)
        proof = json.loads(files[manifest["proof"]])
        self.assertEqual(len(proof["rows"]), len(proof["scores"]))
        self.assertEqual(sum(score is not None for score in proof["scores"]), 64)
        if scores is not None:
            shown = {"rows": FRESH[:, : len(channels)].tolist(), "scores": [None if np.isnan(s) else float(s) for s in scores(FRESH)]}
            (self.folder / f"{file_name}.rows.json").write_text(json.dumps(shown))
            given = [np.nan if s is None else s for s in proof["scores"]]
            np.testing.assert_allclose(given, scores(np.asarray(proof["rows"])), rtol=1e-4, atol=1e-4)
        return manifest, proof, onnx.load_from_string(files["model.onnx"])

    def test_forests(self):
        for name, model in {
            "forest": forest(),
            "forest-features": forest(max_features=0.5),
            "forest-contamination": forest(contamination=0.05),
            "forest-standard": make_pipeline(StandardScaler(), forest()),
        }.items():
            model.fit(TRAIN)
            features = getattr(model, "_max_features", None)
            manifest, proof, _ = self.save(name, model, lambda rows, model=model: -model.score_samples(rows))
            self.assertEqual((manifest["kind"], manifest["score"]), ("onnx", "sklearn-score-samples"))
            self.assertTrue(all(0 < score < 1 for score in proof["scores"]))
            for row in (0, -1):  # spread over all rows
                np.testing.assert_array_equal(proof["rows"][row], TRAIN[row].astype(np.float32))
            self.assertEqual(getattr(model, "_max_features", None), features, "the model itself stays as it is")

    def test_other_detectors_of_scikit_learn(self):
        for name, model in {
            "lof": LocalOutlierFactor(n_neighbors=10, novelty=True),
            "lof-robust": make_pipeline(RobustScaler(), LocalOutlierFactor(n_neighbors=10, novelty=True)),
        }.items():
            model.fit(TRAIN)
            manifest, _, _ = self.save(name, model, lambda rows, model=model: -model.score_samples(rows))
            self.assertEqual(manifest["score"], "sklearn-score-samples")
        model = make_pipeline(StandardScaler(), OneClassSVM(nu=0.05)).fit(TRAIN)
        manifest, _, _ = self.save("one-class-svm", model, lambda rows: np.maximum(0, 0.5 - model.decision_function(rows)))
        self.assertEqual(manifest["score"], "sklearn-decision")

    def test_scalers_before_the_model(self):
        for scaler, fields in (
            (StandardScaler(), {"kind", "channels", "mean", "scale"}),
            (StandardScaler(with_mean=False, with_std=False), {"kind", "channels", "mean", "scale"}),
            (StandardScaler(with_mean=False), {"kind", "channels", "mean", "scale"}),
            (RobustScaler(), {"kind", "channels", "center", "scale"}),
            (MinMaxScaler(), {"kind", "channels", "min", "scale"}),
            (MinMaxScaler((-1, 1), clip=True), {"kind", "channels", "min", "scale", "clip"}),
        ):
            model = forest().fit(scaler.fit_transform(TRAIN))
            name = f"scaler-{type(scaler).__name__}-{len(fields)}{getattr(scaler, 'with_mean', '')}{getattr(scaler, 'with_std', '')}"
            scores = lambda rows: -model.score_samples(scaler.transform(rows))  # noqa: B023, E731
            manifest, proof, _ = self.save(name, model, scores, scaler=scaler)
            self.assertEqual(set(manifest["scaler"]), fields)
            self.assertEqual(manifest["scaler"]["channels"], list(CHANNELS))
            if not getattr(scaler, "with_mean", True):
                self.assertEqual(manifest["scaler"]["mean"], [0] * 4)
            self.assertTrue(np.isin(proof["rows"], TRAIN.astype(np.float32)).all(), "the rows are before the scaler")

    def test_everything_about_a_model(self):
        about = {
            "threshold": {"raise": 0.62, "clear": 0.55, "delay": "2s"},
            "training": {"rows": 600, "from": "2026-01-05T00:00:00Z", "to": "2026-01-12T00:00:00Z", "note": "line 2"},
            "metrics": {"rocAuc": 0.93},
            "licence": "CC-BY-4.0",
        }
        manifest, _, _ = self.save("about", forest().fit(TRAIN), name="pump", version=3, **about)
        self.assertEqual({key: manifest[key] for key in about}, about)
        self.assertEqual((manifest["schema"], manifest["name"], manifest["version"]), (1, "pump", 3))
        self.assertEqual(manifest["channels"], [{"name": n, "unit": u} for n, u in CHANNELS.items()])
        self.assertRegex(manifest["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")
        self.assertNotIn("window", manifest)

    def test_onnx_as_path_bytes_and_model(self):
        fixture = FIXTURES / "autoencoder-external.onnx"
        rows = np.asarray(json.loads(fixture.with_suffix(".json").read_text())["rows"])
        channels = {f"c{i}": "" for i in range(8)}
        proofs = []
        whole = onnx.load(fixture)  # with its data beside it
        for name, model in {"network-path": str(fixture), "network-bytes": whole.SerializeToString(), "network": whole}.items():
            manifest, proof, graph = self.save(name, model, channels=channels, rows=np.vstack([rows, rows + 0.25]))
            self.assertEqual(manifest["score"], "reconstruction")
            self.assertTrue(all(not tensor.external_data for tensor in graph.graph.initializer))
            proofs.append(proof)
        self.assertEqual(proofs[0], proofs[1])
        self.assertEqual(proofs[0], proofs[2])
        squares = json.loads(fixture.with_suffix(".json").read_text())["squares"]
        np.testing.assert_allclose(proofs[0]["scores"][:32], np.asarray(squares) / 8, atol=1e-6)

    def test_a_proof_of_scores_far_below_1(self):
        near = helper.make_tensor("near", TensorProto.FLOAT, [1], [0.9999])
        row, out = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 4]) for name in "xy")
        graph = helper.make_graph([helper.make_node("Mul", ["x", "near"], ["y"])], "g", [row], [out], [near])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        _, proof, _ = self.save("small", model, rows=TRAIN)
        self.assertLess(max(proof["scores"]), 1e-4)
        self.assertAlmostEqual(proof["tolerance"], 0.01 * max(proof["scores"]))

    def test_windows(self):
        channels = {f"c{i}": "" for i in range(8)}
        rows = rng.normal(size=(300, 8))
        for layout in ("NTC", "NCT"):
            path = FIXTURES / f"window-{layout.lower()}.onnx"
            manifest, proof, _ = self.save(f"window-{layout}", path, channels=channels, rows=rows, window=6, layout=layout)
            self.assertEqual(manifest["window"], {"scans": 6, "layout": layout})
            self.assertEqual(len(proof["rows"]), 69)
            self.assertEqual([score is None for score in proof["scores"][:7]], [True] * 5 + [False] * 2)
            np.testing.assert_array_equal(proof["rows"], rows[:69].astype(np.float32))

    def test_an_output_by_name(self):
        weights = helper.make_tensor("w", TensorProto.FLOAT, [4, 1], [1, 2, -1, 0.5])
        row = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])
        out = helper.make_tensor_value_info("value", TensorProto.FLOAT, ["n", 1])
        row_of_value = helper.make_tensor_value_info("value", TensorProto.FLOAT, ["n", 4])
        graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["value"])], "g", [row], [out], [weights])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        value = lambda rows: rows @ [1, 2, -1, 0.5]  # noqa: E731
        for higher, sign in (("anomalous", 1), ("normal", -1)):
            score = {"output": "value", "higherIs": higher}
            scores = lambda rows: np.maximum(0, sign * value(rows))  # noqa: B023, E731
            manifest, _, _ = self.save(f"output-{higher}", model, scores, score=score)
            self.assertEqual(manifest["score"], score)
        score = {"output": "value", "higherIs": "normal", "offset": 20}
        manifest, proof, _ = self.save("output-offset", model, lambda rows: np.maximum(0, 20 - value(rows)), score=score)
        self.assertEqual(manifest["score"], score)
        for wrong in ({"higherIs": "high"}, {"higherIs": "normal", "offset": "1"}, {}):
            with self.assertRaisesRegex(ValueError, "or a field is wrong"):
                self.save("none", model, score={"output": "value", **wrong})
        same = helper.make_graph([helper.make_node("Identity", ["x"], ["value"])], "g", [row], [row_of_value])
        with self.assertRaisesRegex(ValueError, r"'value' must give one number a row, not the shape \(64, 4\)"):
            self.save("none", helper.make_model(same, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), score=score)
        with self.assertRaisesRegex(ValueError, "no output 'other' beside .'value'."):
            self.save("none", model, score={"output": "other", "higherIs": "normal"})
        with self.assertRaisesRegex(ValueError, "score='best': there is no such kind"):
            self.save("none", model, score="best")
        with self.assertRaisesRegex(ValueError, r"give back the shape of its input, \(64, 4\), not \(64, 1\)"):
            self.save("none", model)

    @unittest.skipUnless(has_torch, "needs torch and onnxscript")
    def test_torch(self):
        import torch
        from torch import nn

        torch.manual_seed(7)
        model = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5), nn.Tanh(), nn.Linear(3, 4))
        scaler = StandardScaler().fit(TRAIN)

        def scores(rows):
            given = torch.from_numpy(scaler.transform(rows).astype(np.float32))
            with torch.no_grad():
                return ((model.eval()(given) - given) ** 2).mean(1).double().numpy()

        model.train()
        _, _, graph = self.save("torch", model, scores, scaler=scaler)
        self.assertFalse(any(node.metadata_props for node in graph.graph.node), "no folders and lines of this program")
        model.train()
        self.save("torch-again", model, scaler=scaler)
        self.assertTrue(model.training, "the model itself stays as it is")
        window = nn.Sequential(nn.Flatten(), nn.Linear(20, 3), nn.ReLU(), nn.Linear(3, 20), nn.Unflatten(1, (5, 4)))
        self.save("torch-window", window, window=5, scaler=scaler)
        with self.assertRaisesRegex(ValueError, "must give back the shape"):
            self.save("none", nn.Linear(4, 2))

    def test_data_frames(self):
        try:
            import pandas
        except ImportError:
            self.skipTest("needs pandas")
        frame = pandas.DataFrame(TRAIN, columns=list(CHANNELS)).assign(label=0)
        model = forest().fit(frame[list(CHANNELS)])
        turned = frame[["label", *reversed(CHANNELS)]]
        _, proof, _ = self.save("frame", model, rows=turned)
        _, same, _ = self.save("no-frame", forest().fit(TRAIN), rows=TRAIN)
        self.assertEqual(proof, same)
        with self.assertRaisesRegex(ValueError, r"fitted on \['pressure', 'current', .*in that order"):
            self.save("none", model, rows=frame, channels=dict(reversed(CHANNELS.items())))
        with self.assertRaisesRegex(KeyError, "speed"):
            self.save("none", forest().fit(TRAIN), rows=frame.drop(columns="speed"))

    def test_without_onnxruntime(self):
        with_it = self.save("with-runtime", forest(max_features=0.5).fit(TRAIN))[1]
        with mock.patch.dict(sys.modules, {"onnxruntime": None}):
            without = self.save("without-runtime", forest(max_features=0.5).fit(TRAIN))[1]
        np.testing.assert_allclose(without["scores"], with_it["scores"], atol=1e-6)

    def test_a_model_that_is_exported_wrongly(self):
        model = forest().fit(TRAIN)
        with mock.patch.object(IsolationForest, "score_samples", lambda _, rows: -np.linspace(0, 1, len(rows))):
            with self.assertRaisesRegex(ValueError, "model: exported it gives .*tolerance=0.0001"):
                self.save("none", model)
        self.assertFalse((self.folder / "none.mwz").exists())

    def test_what_does_not_fit(self):
        model = forest().fit(TRAIN)
        holed = TRAIN.copy()
        holed[:, 1] = np.nan
        for message, kind, changed in (
            ("channels must be .name: unit.", TypeError, {"channels": ["pressure"]}),
            ("channels must be .name: unit.", TypeError, {"channels": {"pressure": None}}),
            ("sample_rows must be at least 64 rows of 4 channels, got shape ..40, 4.", ValueError, {"rows": TRAIN[:40]}),
            ("at least 66 rows of 4 channels, got shape .64, 4.", ValueError, {"rows": TRAIN[:64], "window": 3}),
            ("rows of 4 channels, got shape .600, 3.", ValueError, {"rows": TRAIN[:, :3]}),
            ("'current' has no value in a row", ValueError, {"rows": holed}),
            ("whole numbers from 1; .* got 0, None", ValueError, {"version": 0}),
            ("layout: 'NTC' or 'NCT'; got 1, 3, TNC", ValueError, {"window": 3, "layout": "TNC"}),
            ("threshold must be .'raise': number", ValueError, {"threshold": {"clear": 1}}),
            ("scaler must be one of StandardScaler, .*PowerTransformer", ValueError, {"scaler": PowerTransformer().fit(TRAIN)}),
            ("model must be a fitted outlier detector", TypeError, {"model": KMeans(2).fit(TRAIN)}),
            ("model must be a fitted outlier detector", TypeError, {"model": forest()}),
            ("Out of range float", ValueError, {"metrics": {"rocAuc": float("nan")}}),
        ):
            with self.subTest(message), self.assertRaisesRegex(kind, message.replace("..40", r"\(40")):
                self.save("none", changed.pop("model", model), **changed)
            self.assertFalse((self.folder / "none.mwz").exists())


if __name__ == "__main__":
    unittest.main()
