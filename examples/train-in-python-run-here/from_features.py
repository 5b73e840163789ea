import duckdb
import numpy as np
from sklearn.ensemble import IsolationForest

import messwerk_bundle

duckdb.sql("ATTACH 'pump.duckdb' AS plant (READ_ONLY)")
frame = duckdb.sql("FROM plant.features ORDER BY time").df()
described = duckdb.sql("""SELECT channel, unit FROM plant.channels WHERE "table" = 'features' ORDER BY "order" """)
channels = dict(described.fetchall())  # {'pressure.mean': 'bar', ...}

good = frame[frame.time < "2026-03-02 06:10"]
model = IsolationForest(n_estimators=25, max_samples=256, random_state=7).fit(good[list(channels)])
limit = float(np.quantile(-model.score_samples(good[list(channels)]), 0.98))

messwerk_bundle.save(
    "pump.mwz",
    model,
    channels,
    sample_rows=good,
    threshold={"raise": limit, "clear": 0.9 * limit, "delay": "5s"},
    training={"rows": len(good), "from": f"{good.time.min().isoformat()}Z", "to": f"{good.time.max().isoformat()}Z"},
)
