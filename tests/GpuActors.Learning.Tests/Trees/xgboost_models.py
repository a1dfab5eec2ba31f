"""Trains models with XGBoost and writes what it predicts: python3 xgboost_models.py FOLDER

rows.bin         10,000 rows of 8 features, float32, 10% missing
NAME.json, .ubj  the model; models.txt has the names
NAME.margin.bin  margins, float32
NAME.prediction.bin
"""

import os
import sys

# Several threads wait for each other longer than they compute with models this small.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import xgboost as xgb


folder = sys.argv[1]
features = 8
random = np.random.RandomState(42)


def table(count):
    rows = (random.standard_normal((count, features)) * 3).astype(np.float32)
    rows[:, 7] = random.randint(-2, 3, count)
    rows[random.random_sample(rows.shape) < 0.1] = np.nan
    return rows


train = table(1000)
rows = table(10000)
signal = np.nan_to_num(train[:, 0]) + np.nan_to_num(train[:, 1]) * np.nan_to_num(train[:, 2]) / 3 + random.standard_normal(len(train))
binary = (signal > 1).astype(np.float32)
classes = np.digitize(signal, [-1, 1]).astype(np.float32)
counts = np.floor(np.exp(np.clip(signal, -3, 3) / 2)).astype(np.float32)
names = []


def model(name, label, rounds=30, stop=None, **parameters):
    parameters.setdefault("nthread", 1)
    parameters.setdefault("seed", 1)
    data = xgb.DMatrix(train, label)
    further = {}
    if stop:
        # Labels of another order: further rounds soon make it worse.
        further = dict(evals=[(xgb.DMatrix(train[:500], np.roll(label[:500], 7)), "e")], early_stopping_rounds=stop, verbose_eval=False)
    booster = xgb.train(parameters, data, rounds, **further)
    for form in ("json", "ubj"):
        booster.save_model(os.path.join(folder, name + "." + form))
    used = (0, booster.best_iteration + 1) if stop else (0, 0)
    if stop:
        assert booster.best_iteration + 1 < booster.num_boosted_rounds(), "nothing to stop for"
    matrix = xgb.DMatrix(rows)
    for kind, margin in (("margin", True), ("prediction", False)):
        values = booster.predict(matrix, output_margin=margin, iteration_range=used, strict_shape=True)
        values.astype("<f4").tofile(os.path.join(folder, "%s.%s.bin" % (name, kind)))
    names.append(name)


rows.astype("<f4").tofile(os.path.join(folder, "rows.bin"))
model("binary", binary, objective="binary:logistic", max_depth=6, eta=0.1, rounds=200)
model("binary_stump", binary, objective="binary:logistic", max_depth=1, base_score=0.2)
model("binary_deep", binary, objective="binary:logistic", max_depth=10, tree_method="hist")
model("binary_raw", binary, objective="binary:logitraw", max_depth=3, base_score=0.3)
model("binary_stopped_parallel", binary, stop=3, objective="binary:logistic", max_depth=4, num_parallel_tree=3, subsample=0.7)
model("binary_dart", binary, objective="binary:logistic", booster="dart", rate_drop=0.3, max_depth=4)
model("multi", classes, objective="multi:softprob", num_class=3, max_depth=5)
model("multi_stopped_parallel", classes, stop=2, objective="multi:softprob", num_class=3, num_parallel_tree=2, subsample=0.7, max_depth=3)
model("multi_dart", classes, objective="multi:softprob", num_class=3, booster="dart", rate_drop=0.5, one_drop=1, max_depth=3, rounds=10)
model("regression", signal, objective="reg:squarederror", max_depth=7, base_score=3.5)
model("regression_pruned", signal, objective="reg:squarederror", max_depth=8, gamma=20, tree_method="exact")
model("regression_forest", signal, objective="reg:squarederror", max_depth=4, num_parallel_tree=20, subsample=0.5, eta=1, rounds=1)
model("poisson", counts, objective="count:poisson", max_depth=2, base_score=1.5)
model("tweedie", counts, objective="reg:tweedie", max_depth=9, rounds=15)
model("gamma", counts + 1, objective="reg:gamma", max_depth=4)
model("regression_logistic", 1 / (1 + np.exp(-signal)), objective="reg:logistic", max_depth=3, base_score=0.7)
model("two_targets", np.column_stack([signal, counts]), objective="reg:squarederror", max_depth=3, tree_method="hist")
with open(os.path.join(folder, "models.txt"), "w") as list_of_names:
    list_of_names.write("\n".join(names))
