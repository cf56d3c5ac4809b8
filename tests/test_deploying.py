"""docs/deploying.md and deploy/examples say what the settings read, no more and no less."""

from __future__ import annotations

import ast
import os
import re
import secrets
import subprocess
import sys

import environ
import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
EXAMPLES = ROOT / "deploy" / "examples"


def variables_read(source: str) -> set[str]:
    """The name in every `env("NAME")` and `env.kind("NAME")`."""
    return {
        call.args[0].value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and (getattr(call.func, "id", "") == "env" or getattr(getattr(call.func, "value", None), "id", "") == "env")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def variables_documented() -> set[str]:
    text = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    table = text.partition("## Environment variables")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", table, flags=re.MULTILINE))


def example() -> dict[str, str]:
    lines = (EXAMPLES / "portal.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_variable_the_settings_read_is_documented_and_no_other():
    read = variables_read((ROOT / "award_portal" / "settings.py").read_text(encoding="utf-8"))
    assert len(read) >= 15
    assert variables_documented() == read


def test_the_reader_of_settings_finds_both_ways_to_ask():
    assert variables_read('A = env("ONE")\nB = env.bool("TWO", default=env("THREE"))\nC = other("FOUR")') == {
        "ONE", "TWO", "THREE",
    }  # fmt: skip


def test_the_example_sets_only_what_is_documented_and_nothing_of_a_rehearsal():
    assert set(example()) <= variables_documented() - {"REHEARSAL", "DEBUG", "TEST_SQLITE_NAME"}


def check_deploy(folder, **variables: str) -> subprocess.CompletedProcess[str]:
    """`check --deploy` in an environment of nothing but the example."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], "PORTAL_ENV_FILE": os.devnull}
        | example()
        | {"PORTAL_VAR_DIR": str(folder)}
        | variables,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_example_with_secrets_of_its_own_passes_the_deployment_check(tmp_path):
    done = check_deploy(tmp_path, SECRET_KEY=secrets.token_urlsafe(48), FIELD_KEYS="2026a:" + secrets.token_urlsafe(32))
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("*_key")), "production keeps no secret of its own making"


def test_the_example_as_it_stands_is_warned_of(tmp_path):
    done = check_deploy(tmp_path)
    assert done.returncode == 1
    assert "security.W009" in done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_KEYS", "IDENTITY_KEY"])
def test_production_does_not_start_without_a_secret(tmp_path, missing):
    variables = {name: value for name, value in example().items() if name != missing}
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check"],
        env={"PATH": os.environ["PATH"], "PORTAL_ENV_FILE": os.devnull} | variables | {"PORTAL_VAR_DIR": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert missing in done.stderr


def test_nginx_lets_a_full_upload_through_to_be_refused_with_words():
    limit = re.search(r"client_max_body_size (\d+)m;", (EXAMPLES / "nginx.conf").read_text(encoding="utf-8"))
    assert limit
    assert int(limit[1]) > environ.Env().int("UPLOAD_MAX_MB", default=int(example()["UPLOAD_MAX_MB"]))


@pytest.mark.parametrize("unit", sorted(EXAMPLES.glob("*.service")), ids=lambda path: path.stem)
def test_each_unit_runs_this_portal_with_the_environment_of_the_guide(unit):
    text = unit.read_text(encoding="utf-8")
    assert "EnvironmentFile=/etc/award-portal/portal.env" in text
    assert "ExecStart=/opt/award-portal/.venv/bin/python " in text
    assert example()["PORTAL_VAR_DIR"] in re.search(r"ReadWritePaths=(.*)", text)[1]
    assert f"`{unit.name}`" in (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
