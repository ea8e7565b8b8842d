"""The methods as estimators of scikit-learn, and finished runs, for notebooks and scripts."""
