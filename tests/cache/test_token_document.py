"""The program in docs/tokens.md, which knows HDF5 and nothing of mmfeat, reads a shard."""

import re
import subprocess
import sys
from pathlib import Path

from .conftest import TOKEN_SIZE, WIDTH, make_token_rows

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "tokens.md"


def _run(program: str, shard: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, str(shard)], capture_output=True, text=True, check=False
    )


def test_the_documented_program_reads_a_shard_and_finds_a_changed_number(token_folder):
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert "mmfeat." not in program
    rows = make_token_rows(1, 2)
    shard = token_folder.commit(rows)
    ended = _run(program, shard)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        f"{row.case_id} {row.source_sha256[:12]} ({WIDTH},) ({len(row.tokens)}, {TOKEN_SIZE})"
        for row in rows
    ]
    content = shard.read_bytes()
    place = content.index(rows[1].tokens.tobytes())
    shard.write_bytes(content[:place] + b"\x01" + content[place + 1 :])
    assert "AssertionError" in _run(program, shard).stderr
