"""Find the index of Imaging Data Commons on this machine; nothing is asked of a network."""

from dataclasses import dataclass
from pathlib import Path

from mmfeat.errors import CohortError

THICKNESS_INDEX, GEOMETRY_INDEX = "ct_index", "volume_geometry_index"
"""Parts of the index that its package does not bring, and can fetch."""


@dataclass(frozen=True)
class IndexFiles:
    """Say where the parts of the index are; all are Parquet."""

    version: str
    """Of the index; the number before the first dot is that of the release of the commons."""
    series: Path
    """One row for each series."""
    collections: Path
    """One row for each collection, with its sources, licences and citations."""
    fetched: Path
    """Folder where further parts lie once they are fetched, each as ``<name>.parquet``."""

    def further(self, name: str) -> Path | None:
        """Return a part of the index that has to be fetched, or None where it has not been."""
        file = self.fetched / f"{name}.parquet"
        return file if file.is_file() else None


def installed_index() -> IndexFiles:
    """Return the index that the package ``idc-index-data`` brings.

    Raises:
        CohortError: The extra is not installed, or the package has no index in it.
    """
    try:
        import idc_index_data
        from platformdirs import user_data_dir
    except ImportError as error:
        raise CohortError(
            'Imaging Data Commons: its index is in an extra, `pip install "mmfeat[idc]"`'
        ) from error
    version = str(idc_index_data.__version__)
    parts = idc_index_data.INDEX_METADATA
    series, collections = (
        parts.get(name, {}).get("parquet_filepath") for name in ("idc_index", "collections_index")
    )
    if series is None or collections is None:
        raise CohortError(
            f"idc-index-data {version}: brings no index of series and collections; "
            '`pip install --upgrade "mmfeat[idc]"`'
        )
    # Where the package's own client puts what it fetches.
    fetched = Path(user_data_dir("idc_index_data", "IDC", version=version))
    return IndexFiles(version, Path(series), Path(collections), fetched)


def how_to_fetch(name: str) -> str:
    """Return the command that fetches a further part of the index, from a network."""
    return f"python -c \"from idc_index import IDCClient; IDCClient().fetch_index('{name}')\""
