"""The manifests are valid, and their script does with mmfeat what it should."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "containers" / "kubernetes"
JOBS = ("shards", "finish")
VERSIONS = ("1.33", "1.37")


def _read(name):
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text())


def _container(name):
    (container,) = _read(name)["spec"]["template"]["spec"]["containers"]
    return container


def _script(name):
    *_, shell, option, script = _container(name)["command"]
    assert (shell, option) == ("sh", "-c")
    return script


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", [*JOBS, "network"])
def test_manifests_are_what_kubernetes_knows(name, version):
    kubernetes_validate.validate(_read(name), version, strict=True)


def test_there_are_as_many_shares_as_pods():
    spec = _read("shards")["spec"]
    environment = {one["name"]: one["value"] for one in _container("shards")["env"]}
    assert spec["completionMode"] == "Indexed"
    assert environment["SHARDS"] == str(spec["completions"]) == str(spec["maxFailedIndexes"])


@pytest.mark.parametrize("name", JOBS)
def test_pods_are_not_root_write_only_to_volumes_and_have_no_token(name):
    pod = _read(name)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 10001  # as in the Dockerfile
    assert pod["automountServiceAccountToken"] is False
    container = _container(name)
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    mounted = {one["name"]: one.get("readOnly", False) for one in container["volumeMounts"]}
    assert mounted == {"project": False, "scans": True, "weights": True, "scratch": False}
    assert set(mounted) == {one["name"] for one in pod["volumes"]}


def test_no_pod_may_speak_to_the_network():
    policy = _read("network")["spec"]
    labels = policy["podSelector"]["matchLabels"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert not {"ingress", "egress"} & set(policy)
    for name in JOBS:
        assert _read(name)["spec"]["template"]["metadata"]["labels"].items() >= labels.items()


@pytest.mark.parametrize("name", JOBS)
def test_shellcheck_finds_nothing_in_the_script(name):
    shellcheck = Path(sys.executable).with_name("shellcheck")
    run = subprocess.run(
        [shellcheck, "--shell=sh", "-"],
        input=_script(name),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, "")


def _pod(name, folder, program):
    """Start the script of a pod with a program in the place of mmfeat."""
    stand_in = folder / "mmfeat"
    stand_in.write_text(f"#!/bin/sh\n{program}\n")
    stand_in.chmod(0o755)
    environment = {one["name"]: one["value"] for one in _container(name)["env"]}
    return subprocess.Popen(
        [shutil.which("sh"), "-c", _script(name)],
        env={**environment, "PATH": f"{folder}:{os.environ['PATH']}", "JOB_COMPLETION_INDEX": "3"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shards", "extract /project/mmfeat.yaml --shard 3/16"),
        ("finish", "extract /project/mmfeat.yaml --finish"),
    ],
)
@pytest.mark.parametrize(("code", "of_pod"), [(0, 0), (1, 1), (2, 2), (3, 0), (75, 75)])
def test_a_pod_does_its_share_and_failed_scans_are_no_failure_of_it(
    tmp_path, name, words, code, of_pod
):
    pod = _pod(name, tmp_path, f'echo "$@"; exit {code}')
    told, _ = pod.communicate(timeout=30)
    assert (told, pod.returncode) == (f"{words}\n", of_pod)


def test_a_pod_that_is_stopped_waits_for_mmfeat_to_store_its_work(tmp_path):
    stored = tmp_path / "stored"
    program = (
        f"trap 'sleep 0.2; touch {stored}; exit 75' TERM; echo ready; while :; do sleep 0.1; done"
    )
    pod = _pod("shards", tmp_path, program)
    assert pod.stdout.readline() == "ready\n"
    time.sleep(0.1)
    os.killpg(pod.pid, signal.SIGTERM)  # as `tini -g` does
    pod.communicate(timeout=30)
    assert pod.returncode == 75
    assert stored.exists()


def test_exit_codes_are_treated_as_documented():
    rules = _read("shards")["spec"]["podFailurePolicy"]["rules"]
    by_code = {
        code: rule["action"]
        for rule in rules
        for code in rule.get("onExitCodes", {}).get("values", [])
    }
    assert by_code == {75: "Ignore", 2: "FailIndex"}
    assert rules[0] == {
        "action": "Ignore",
        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
    }
