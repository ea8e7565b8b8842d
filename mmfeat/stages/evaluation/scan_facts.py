"""What the cache knows of the scan of each case."""

from collections.abc import Mapping

from mmfeat.cache import CacheFolder
from mmfeat.config.modalities import VolumeModality
from mmfeat.quality.table_row import fact_row
from mmfeat.stages.cache_place import cache_root
from mmfeat.stages.quality_rows import quality_rows
from mmfeat.stages.training.open_run import OpenRun
from mmfeat.stages.volume_encoder import volume_encoder

Facts = Mapping[str, str | None]


def scan_facts(opened: OpenRun, name: str, modality: VolumeModality) -> Mapping[str, Facts]:
    """Return what was measured of the first scan of each case, and what its header says, as text.

    Nothing is read again; cases whose scan failed are not in it.

    Args:
        opened: The run.
        name: The modality's name.
        modality: Its settings.
    """
    project, cohort = opened.project, opened.cohort
    made = volume_encoder(project, modality, device="cpu")
    folder = CacheFolder.find(cache_root(project), name, made.identity)
    sources = (
        (case_id, [scan.source for scan in scans])
        for case_id, scans in zip(cohort.case_ids, cohort.sources[name], strict=True)
    )
    facts: dict[str, Facts] = {}
    for row in quality_rows(
        name, sources, made.gate, index=folder.index(), failed=folder.failed_scans()
    ):
        if row.facts is not None and row.case_id not in facts:
            values = fact_row(row.facts).items()
            facts[row.case_id] = {key: None if one is None else f"{one}" for key, one in values}
    return facts
