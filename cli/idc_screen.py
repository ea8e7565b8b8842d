"""What ``mmfeat manifest idc`` shows."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mmfeat.size_in_words import size_in_words

if TYPE_CHECKING:
    from mmfeat.public_cohorts.idc.manifest import IdcManifest

_BYTES_PER_MB = 10**6


def idc_json(made: "IdcManifest") -> dict[str, Any]:
    """Return what was selected as plain JSON values."""
    return {
        "index": made.version,
        "steps": [asdict(step) for step in made.steps],
        "notes": list(made.notes),
        "n_cases": made.n_cases,
        "n_patients": made.n_patients,
        "n_series": made.n_series,
        "size_mb": round(made.size_mb, 1),
        "licences": [asdict(licence) for licence in made.attribution.licences],
        "citations": list(made.attribution.citations),
        "scans": str(made.scans),
        "download": list(made.download),
        "files": [] if made.written is None else [str(file) for file in made.written.files],
    }


def idc_lines(made: "IdcManifest") -> list[str]:
    """Return what was selected in lines, with what to do next last."""
    where = "nothing written" if made.written is None else str(made.written.folder)
    lines = [f"Imaging Data Commons, index {made.version}"]
    lines += [f"  {step.name}: {step.n_series}" for step in made.steps]
    lines += [
        f"{where}: {made.n_cases} cases of {made.n_patients} patients, {made.n_series} series, "
        f"{size_in_words(made.size_mb * _BYTES_PER_MB)} to download"
    ]
    for licence in made.attribution.licences:
        limits = ", not for commercial use" if licence.non_commercial else ""
        url = f" {licence.url}" if licence.url else ""
        lines.append(f"  licence: {licence.name}{url} ({licence.n_series} series{limits})")
    lines += [f"  cite: {citation}" for citation in made.attribution.citations]
    lines += [f"note: {note}" for note in made.notes]
    if made.written is None:
        return [*lines, "Next: the same command without --dry-run"]
    own, by_s5cmd = made.download
    return [
        *lines,
        "Download, from the network, with IDC's own program or with s5cmd alone:",
        f"  {own}",
        f"  {by_s5cmd}",
        f"Next: download; add the column to predict to {made.written.folder / 'table.csv'} and "
        f"name it in {made.written.settings[0]}; then mmfeat config check "
        f"{made.written.settings[0]}",
    ]
