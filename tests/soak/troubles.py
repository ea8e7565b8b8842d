"""What may happen to a cohort while it is worked on; each trouble is one step of the soak."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.provenance import process_table

from ..stages.extraction_cohort import write_scan
from .damage import damage
from .drawn_cohort import broken
from .mending import run_as_told
from .soaked_cohort import STAGES, SoakedCohort

Trouble = Callable[[SoakedCohort], None]
SMALL_FILES = """
import atexit, resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
atexit.register(resource.setrlimit, resource.RLIMIT_FSIZE, unlimited)
"""
LOOKS = (
    ("status", "--json"),
    ("status", "--cases", "failed"),
    ("cache", "info", "cache"),
    ("extract", "--dry-run"),
    ("train", "--dry-run"),
    ("report", "run"),
)
"""Commands that only look, or make something of what is finished."""
_DEAD_PROCESS = 2**22 - 3
"""A number that no process has: above the usual limit of the system."""


def a_kill(soaked: SoakedCohort) -> None:
    """The system kills a stage, for lack of memory or of power."""
    soaked.interrupt(_stage(soaked), signal.SIGKILL)


def a_stop(soaked: SoakedCohort) -> None:
    """Somebody presses Ctrl-C once, or a scheduler wants its node back."""
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    soaked.interrupt(_stage(soaked), soaked.draw.choice(stops))


def two_stops(soaked: SoakedCohort) -> None:
    """Somebody presses Ctrl-C again at once."""
    number = soaked.draw.choice((signal.SIGINT, signal.SIGTERM))
    soaked.interrupt(_stage(soaked), number, number, pause_s=soaked.draw.uniform(0, 0.1))


def two_at_once(soaked: SoakedCohort) -> None:
    """A stage runs twice at the same time, and one of them may be killed."""
    stage = soaked.draw.choice(STAGES[:2])
    programs = [soaked.start(stage) for _ in range(2)]
    if soaked.draw.random() < 0.5:
        time.sleep(soaked.draw.uniform(0, soaked.usual_s[stage]))
        programs[0].send(signal.SIGKILL)
    for program in programs:
        soaked.check((stage, "twice at once"), program.wait(300.0), {0, 2, 3, -signal.SIGKILL})


def a_look_meanwhile(soaked: SoakedCohort) -> None:
    """Somebody looks while an extraction works."""
    working = soaked.start("extract")
    look = soaked.draw.choice(LOOKS)
    soaked.run(*look)
    soaked.check(("extract", "looked at"), working.wait(300.0), {0, 2, 3})


def small_files(soaked: SoakedCohort) -> None:
    """The disk takes no file beyond some size, as a full one or a quota."""
    limit = int(np.exp(soaked.draw.uniform(*np.log([8_000, 300_000]))))  # room for what is said
    soaked.say(f"no file beyond {limit} bytes")
    soaked.run(_stage(soaked), before=SMALL_FILES.format(limit=limit))


def a_damaged_cache_file(soaked: SoakedCohort) -> None:
    """A file of the cache is damaged."""
    files = [file for folder in soaked.cache_folders for file in folder.iterdir()]
    _damage_one(soaked, [file for file in files if file.is_file()])


def a_damaged_run_file(soaked: SoakedCohort) -> None:
    """A file that training or evaluation wrote is damaged."""
    files = [file for file in soaked.folder.glob("run/**/*") if file.is_file()]
    _damage_one(soaked, files)


def a_lost_file(soaked: SoakedCohort) -> None:
    """A file or a folder that a stage wrote is deleted."""
    places = [*soaked.folder.glob("cache/**/*"), *soaked.folder.glob("run/**/*")]
    if not places:
        return
    lost = soaked.draw.choice(sorted(places))
    soaked.say(f"deleted {lost.relative_to(soaked.folder)}")
    if lost.is_dir():
        shutil.rmtree(lost)
    else:
        lost.unlink()


def a_changed_scan(soaked: SoakedCohort) -> None:
    """A scan is converted again, mended or touched."""
    scan = _a_scan(soaked)
    if scan is not None and scan.is_file() and soaked.draw.random() < 0.3:
        soaked.say(f"touched {scan.name}")
        os.utime(scan, (soaked.draw.randrange(10**9), 10**9))
    elif scan is not None:
        soaked.say(f"another {scan.name}")
        write_scan(scan, soaked.draw.randrange(10_000), soaked.draw.choice((12, 16)))


def a_broken_scan(soaked: SoakedCohort) -> None:
    """A scan is no longer one, or has gone."""
    scan = _a_scan(soaked)
    if scan is not None and scan.is_file() and soaked.draw.random() < 0.3:
        soaked.say(f"gone: {scan.name}")
        scan.unlink()
    elif scan is not None:
        soaked.say(f"broken: {scan.name}")
        scan.write_bytes(broken(scan.read_bytes() if scan.is_file() else b"", soaked.draw))


def an_absent_scan(soaked: SoakedCohort) -> None:
    """The table says that there is no scan, after all."""
    manifest = soaked.cohort.manifest
    case = soaked.draw.choice(manifest.index[soaked.cohort.has_record].tolist())
    name = soaked.draw.choice(soaked.cohort.volumes)
    soaked.say(f"no {name} of {manifest.loc[case, 'case_id']} any more")
    manifest.loc[case, name] = ""
    soaked.cohort.write()


def an_old_cache(soaked: SoakedCohort) -> None:
    """Features lie there that another version of the code or of the recipe made."""
    for folder in soaked.cache_folders[:1]:
        identity = _recipe(folder)
        if identity is None:
            return
        old = identity | {"code_version": -soaked.draw.randrange(1, 9)}
        made = CacheFolder.open(soaked.folder / "cache", folder.parent.name, old)
        feature = np.full(5, 7, np.float32)
        tokens = np.full((1, 5), 7, np.float32) if "tokens" in old else None
        row = FeatureRow("case-000", "ab" * 32, "0 bytes", feature, tokens=tokens)
        shard = made.commit([row])
        soaked.say(f"an old cache {made.path.name}")
        if soaked.draw.random() < 0.3:
            soaked.say("one of its shards among the others")
            shutil.copy(shard, folder)


def foreign_files(soaked: SoakedCohort) -> None:
    """Files lie there that others left: a killed process, a file browser, a person."""
    folders = [*soaked.cache_folders, *soaked.folder.glob("run")]
    if not folders:
        return
    folder = soaked.draw.choice(sorted(folders))
    name = soaked.draw.choice(
        (
            f".shard-0.{_DEAD_PROCESS}@{process_table()}-00000000.partial.h5",
            f".running-another-machine-{_DEAD_PROCESS}-00000000.json",
            ".DS_Store",
            "notes.txt",
        )
    )
    soaked.say(f"{name} in {folder.relative_to(soaked.folder)}")
    (folder / name).write_bytes(b"{}" if name.endswith(".json") else b"something")
    os.utime(folder / name, (0, 0))


def a_whole_run(soaked: SoakedCohort) -> None:
    """All stages run to their end, and what their errors ask for is done."""
    for stage in STAGES[: soaked.draw.randint(1, 3)]:
        run_as_told(soaked, stage)


def a_cache_command(soaked: SoakedCohort) -> None:
    """Somebody tidies the cache up."""
    commands = (
        ("cache", "verify", "cache"),
        ("cache", "compact", "cache"),
        ("cache", "rm-stale", "mmfeat.yaml", "--yes"),
    )
    if soaked.cache_folders:
        soaked.run(*soaked.draw.choice(commands))


TROUBLES: dict[Trouble, float] = {
    a_kill: 4,
    a_stop: 3,
    two_stops: 2,
    two_at_once: 2,
    a_look_meanwhile: 1,
    small_files: 2,
    a_damaged_cache_file: 3,
    a_damaged_run_file: 3,
    a_lost_file: 2,
    a_changed_scan: 2,
    a_broken_scan: 1,
    an_absent_scan: 1,
    an_old_cache: 1,
    foreign_files: 1,
    a_cache_command: 1,
    a_whole_run: 2,
}
"""Each with its weight in the drawing."""


def _stage(soaked: SoakedCohort) -> str:
    """Draw a stage that has something to work on, as far as files tell."""
    if not soaked.cache_folders:
        return "extract"
    is_trained = (soaked.folder / "run" / "run.json").is_file()
    return soaked.draw.choice(STAGES if is_trained else STAGES[:2])


def _a_scan(soaked: SoakedCohort) -> Path | None:
    scans = soaked.cohort.scans
    return soaked.draw.choice(scans) if scans else None


def _damage_one(soaked: SoakedCohort, files: list[Path]) -> None:
    if files:
        file = soaked.draw.choice(sorted(files))
        soaked.say(f"{file.relative_to(soaked.folder)} {damage(file, soaked.draw)}")


def _recipe(folder: Path) -> dict[str, object] | None:
    try:
        found = json.loads((folder / "recipe.json").read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
