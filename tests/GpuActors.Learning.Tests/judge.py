"""Judges predicted probabilities with scikit-learn: judge.py FILE, lines of probability,outcome."""

import sys

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, precision_score, recall_score, roc_auc_score

data = np.loadtxt(sys.argv[1], delimiter=",")
p, y = data[:, 0], data[:, 1].astype(int)
logit = np.log(p / (1 - p)).reshape(-1, 1)
thresholds = np.unique(p)
best = max(thresholds, key=lambda t: f1_score(y, p >= t))
print(f"roc_auc={roc_auc_score(y, p)!r}")
print(f"average_precision={average_precision_score(y, p)!r}")
print(f"brier={brier_score_loss(y, p)!r}")
print(f"slope={LogisticRegression(penalty=None, tol=1e-10, max_iter=1000).fit(logit, y).coef_[0][0]!r}")
print(f"best_f1={f1_score(y, p >= best)!r}")
print(f"precision={precision_score(y, p >= best)!r}")
print(f"recall={recall_score(y, p >= best)!r}")
