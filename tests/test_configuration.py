"""One list of variables in three places: the table that people read, the settings, and what the containers get."""

import os
import re
import subprocess
import sys

import pytest

from tests.image import ROOT, stages
from tests.test_image import composed

NOT_FOR_CONTAINERS = {"DEBUG", "DEMO", "ALLOW_HTTP"}  # refused with an https:// address
IN_THE_IMAGE = {"MEDIA_ROOT", "STATIC_ROOT"}
FROM_THE_HOST = {"SITE_URL"}  # of SITE_HOST
NEEDED = {"POSTGRES_PASSWORD": "p"}


def table() -> dict[str, bool]:
    """Each variable of docs/operations.md, and whether it is marked as one that may come from a file."""
    section = (ROOT / "docs/operations.md").read_text().partition("## Configuration")[2]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name: "*" in cell for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def read_by_settings() -> set[str]:
    source = (ROOT / "portal/settings.py").read_text()
    return set(re.findall(r"""(?:env(?:\.\w+)?|mailer)\(\s*"([A-Z_]+)\"""", source))


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    words = (
        "from django.conf import settings as s; print(s.SECRET_KEY, s.TIME_ZONE, s.EMAIL_HOST, s.MAIL_BOUNCE_ADDRESS)"
    )
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {words}"],
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings"} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_table_names_what_the_settings_read():
    assert set(table()) == read_by_settings()


def test_every_variable_reaches_the_containers():
    wanted = set(table()) - NOT_FOR_CONTAINERS - IN_THE_IMAGE - FROM_THE_HOST
    arrived = {name for name in wanted if composed(**NEEDED, **{name: "as-given"}).get(name) == "as-given"}
    assert wanted - arrived == set()
    assert composed(**NEEDED, SITE_HOST="portal.example")["SITE_URL"] == "https://portal.example"
    assert "MEDIA_ROOT=" in dict(stages()["portal"])["ENV"]


def test_every_secret_may_come_from_a_file_there():
    secrets = {f"{name}_FILE" for name, is_secret in table().items() if is_secret}
    assert {name for name in composed(**NEEDED, **dict.fromkeys(secrets, "x")) if name.endswith("_FILE")} == secrets


def test_containers_get_nothing_that_is_not_in_the_table():
    given = composed(**NEEDED, **dict.fromkeys(table(), "x"))
    assert {name for name in given if not name.endswith("_FILE")} <= set(table())


@pytest.mark.parametrize("bounce", [None, ""])
def test_the_settings_take_what_compose_gives(tmp_path, bounce):
    """Empty variables are none, and a file counts before what Compose fills in."""
    (tmp_path / "secret").write_text("s" * 50 + "\n")
    (tmp_path / "mail").write_text("smtp://relay.example:25")
    more = {} if bounce is None else {"MAIL_BOUNCE_ADDRESS": bounce}
    said = started(
        **composed(
            **NEEDED,
            SECRET_KEY_FILE=str(tmp_path / "secret"),
            EMAIL_URL_FILE=str(tmp_path / "mail"),
            ORG_TIME_ZONE="America/Denver",
            DATABASE_POOL="0",
            **more,
        )
    )
    expected = f"{'s' * 50} America/Denver relay.example {'calls@portal.example' if bounce is None else ''}".strip()
    assert (said.stdout.strip(), said.returncode) == (expected, 0), said.stderr


def test_a_start_without_a_key_says_what_to_do():
    said = started(**composed(**NEEDED))
    assert "Set SECRET_KEY to at least 32 random characters" in said.stderr
