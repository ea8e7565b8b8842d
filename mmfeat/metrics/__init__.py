"""Metrics: arrays in, numbers out, with patient-level bootstrap intervals and differences."""

from mmfeat.metrics.auroc_alone import AurocAlone
from mmfeat.metrics.binary import BINARY_METRICS, BinaryMetrics
from mmfeat.metrics.calibration import ReliabilityBin, expected_calibration_error, reliability_bins
from mmfeat.metrics.concordance import concordance_index
from mmfeat.metrics.corrected_t import CorrectedT, corrected_resampled_t
from mmfeat.metrics.delong import DelongAuroc, DelongAurocs, DelongTest
from mmfeat.metrics.discrimination import auroc, average_precision, balanced_accuracy, roc_curve
from mmfeat.metrics.estimate import Difference, Estimate
from mmfeat.metrics.holm import holm
from mmfeat.metrics.metric_set import MetricSet
from mmfeat.metrics.multiclass import MulticlassMetrics
from mmfeat.metrics.multilabel import MultilabelMetrics
from mmfeat.metrics.patient_bootstrap import Bootstrap, bootstrap
from mmfeat.metrics.patient_resamples import PatientResamples
from mmfeat.metrics.proper_scores import brier, log_loss, multiclass_brier, multiclass_log_loss
from mmfeat.metrics.rank_correlation import spearman_within_folds
from mmfeat.metrics.recalibration import calibration_intercept_and_slope
from mmfeat.metrics.regression import RegressionMetrics
from mmfeat.metrics.survival import SurvivalMetrics
from mmfeat.metrics.within_folds import auroc_within_folds

__all__ = [
    "BINARY_METRICS",
    "AurocAlone",
    "BinaryMetrics",
    "Bootstrap",
    "CorrectedT",
    "DelongAuroc",
    "DelongAurocs",
    "DelongTest",
    "Difference",
    "Estimate",
    "MetricSet",
    "MulticlassMetrics",
    "MultilabelMetrics",
    "PatientResamples",
    "RegressionMetrics",
    "ReliabilityBin",
    "SurvivalMetrics",
    "auroc",
    "auroc_within_folds",
    "average_precision",
    "balanced_accuracy",
    "bootstrap",
    "brier",
    "calibration_intercept_and_slope",
    "concordance_index",
    "corrected_resampled_t",
    "expected_calibration_error",
    "holm",
    "log_loss",
    "multiclass_brier",
    "multiclass_log_loss",
    "reliability_bins",
    "roc_curve",
    "spearman_within_folds",
]
