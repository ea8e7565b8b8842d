"""Changes to the made-up downloads of NLST, and some of its participants."""

import csv
import io

import numpy as np

PEOPLE = "nlst_780/nlst_780_prsn_idc_20210527.csv"
TRAIN, TUNE = "nlst_train_with_labels.npz", "nlst_tune_with_labels.npz"
SOON, LATE, WELL = "900002", "900023", "900009"
"""A cancer 35 days after T0; one 675 days after it; none, with three screens."""


def edit(download, who, **cells):
    """Change cells of a participant, or of all; a new column is added."""

    def changed(text):
        rows = list(csv.DictReader(io.StringIO(text)))
        for row in rows:
            row |= {name: row.get(name, "") for name in cells}
            if who in (None, row["pid"]):
                row |= cells
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()

    download.change(PEOPLE, changed)


def rekey(archives, change):
    """Write the archives with other keys, or other entries."""
    for name in (TRAIN, TUNE):
        file = archives.folder / name
        with np.load(file, allow_pickle=True) as archive:
            content = archive["arr_0"].item()
        file.unlink()
        np.savez(file, np.array(dict(change(*one) for one in content.items()), dtype=object))
