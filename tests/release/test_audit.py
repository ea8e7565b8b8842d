import json
import sys

import pytest

from release import audit
from release.audit import verdict

SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}
BAD = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "rare", "skip_reason": "not found"}


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """A function that puts a program in pip-audit's place."""

    def put(body):
        file = tmp_path / "pip-audit"
        file.write_text(f"#!{sys.executable}\nimport sys\n{body}")
        file.chmod(0o755)
        monkeypatch.setattr(sys, "argv", ["audit", str(file)])

    return put


def test_a_known_vulnerability_fails(capsys):
    assert verdict({"dependencies": [SOUND, BAD]}) == 1
    assert "old 1.0: PYSEC-1, mended in 1.1" in capsys.readouterr().out


def test_nothing_known_passes_and_names_what_was_not_looked_up(capsys):
    assert verdict({"dependencies": [SOUND, UNKNOWN]}) == 0
    assert "1 packages, 0 with advisories\naudit: not known to the database: rare" in (
        capsys.readouterr().out
    )


def test_a_mirror_without_advisories_is_not_taken_for_a_clean_bill(capsys):
    assert verdict({"dependencies": [UNKNOWN, UNKNOWN]}) == 0
    assert "not done, the advisory database cannot be reached" in capsys.readouterr().out


def test_what_the_program_finds_is_told(tool, capsys):
    found = json.dumps({"dependencies": [SOUND, BAD]})
    tool(f"open(sys.argv[sys.argv.index('--output') + 1], 'w').write({found!r})\nsys.exit(1)")
    assert audit.main() == 1
    assert "PYSEC-1" in capsys.readouterr().out


def test_no_network_is_said_and_does_not_fail(tool, capsys):
    tool("sys.exit('requests.exceptions.ConnectionError: Name or service not known')")
    assert audit.main() == 0
    assert "audit: not done, the advisory database cannot be reached" in capsys.readouterr().out


def test_another_failure_of_the_program_fails(tool, capsys):
    tool("sys.exit('no such option: --format')")
    assert audit.main() == 1
    assert "pip-audit ended with 1: no such option" in capsys.readouterr().out
