"""The list of what is to be downloaded, for ``idc download`` and for s5cmd."""

from pathlib import Path
from shlex import join

import pandas as pd

from mmfeat.public_cohorts.idc.series_table import folder_of

LIST_FILE = "series.s5cmd"


def download_list(frame: pd.DataFrame, version: str) -> str:
    """Return the text of the list: a copy command for each series, to the folder that is its own.

    ``idc download`` takes the address of each and makes the folders by its own rule, which is the
    same; s5cmd makes them as they stand here, below the folder that it is run in.
    """
    folders = folder_of(frame)
    lines = [
        f"cp {address} {folder}/"
        for address, folder in zip(frame["series_aws_url"], folders, strict=True)
    ]
    head = f"# {len(frame)} series of Imaging Data Commons, index {version}"
    return "\n".join([head, *lines, ""])


def download_commands(list_file: Path, scans: Path) -> tuple[str, str]:
    """Return the commands that download a list: IDC's own, and s5cmd's where it is at hand."""
    own = join(["idc", "download", str(list_file), "--download-dir", str(scans)])
    copy = ["s5cmd", "--no-sign-request", "--endpoint-url", "https://s3.amazonaws.com"]
    by_s5cmd = join([*copy, "run", str(list_file.absolute())])
    return own, f"{join(['mkdir', '-p', str(scans)])} && {join(['cd', str(scans)])} && {by_s5cmd}"
