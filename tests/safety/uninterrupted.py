"""What a run without any trouble gives, and checks of troubled ones against it."""

import shutil
import time

from ..stages.extraction_cohort import MadeCohort
from .caches import Contents, cache_folder, contents, leftovers, the_only_shard
from .programs import ProgramHost


class Uninterrupted:
    """An extraction that nobody disturbed, of a cohort; it lies in its folder ``reference``."""

    def __init__(self, host: ProgramHost, cohort: MadeCohort) -> None:
        start = time.monotonic()
        ended = host.run("extract", "--set", "extract.cache=reference", folder=cohort.folder)
        self.elapsed_s = time.monotonic() - start
        self.code = ended.code
        assert self.code in (0, 3), ended.err
        folder = cache_folder(cohort.folder, "reference")
        self._shard = the_only_shard(folder)
        self.contents = contents(folder)
        self.failures = folder.failures()
        self._host, self._cohort = host, cohort

    def check_kept(self, kept: Contents, cache: str = "cache") -> Contents:
        """Check a cache after trouble: clean, right, and no less than it held before.

        Returns:
            What it holds now.
        """
        folder = cache_folder(self._cohort.folder, cache)
        found = contents(folder)
        assert kept.keys() <= found.keys(), "a finished case was lost"
        assert found.items() <= self.contents.items(), "a feature is not what it should be"
        if folder is not None:
            assert folder.failures().items() <= self.failures.items()
        return found

    def check_resumed(self, cache: str = "cache") -> None:
        """Run to the end, and compare what there is then bit by bit."""
        command = ("extract", "--set", f"extract.cache={cache}")
        ended = self._host.run(*command, folder=self._cohort.folder)
        assert ended.code == self.code, ended.err
        self.check_complete(cache)

    def check_complete(self, cache: str = "cache") -> None:
        """Compare a cache that is to hold everything bit by bit."""
        folder = cache_folder(self._cohort.folder, cache)
        assert folder is not None
        assert folder.verify() == []
        assert the_only_shard(folder) == self._shard, "the cache differs from an uninterrupted one"
        assert folder.failures() == self.failures
        assert leftovers(folder) == []

    def remove(self, cache: str = "cache") -> None:
        """Remove a cache, to begin again."""
        shutil.rmtree(self._cohort.folder / cache)
