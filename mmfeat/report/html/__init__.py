"""The report of a run as one HTML file."""

from mmfeat.report.html.page import REPORT, write_report

__all__ = ["REPORT", "write_report"]
