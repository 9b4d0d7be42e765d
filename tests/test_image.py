"""The production image, step by step: what root builds, the image's user serves."""

import contextlib
import http.client
import json
import os
import re
import socket
import stat
import threading
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from packaging.requirements import Requirement

from portal.embedded.processes import stop
from portal.embedded.servers import free_port
from tests.image import ROOT, Image, stages

pytestmark = [pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
HOST = "portal.example"
PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


def composed(**given: str) -> dict[str, str]:
    """The environment that docker-compose.yml gives to each container of ours, with these variables in .env."""
    found = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["x-app"]["environment"]
    return {name: _filled(words, given) for name, words in found.items()}


def _filled(words: str, given: dict[str, str]) -> str:
    """As Compose fills in ${NAME:-default}, ${NAME-default} and ${NAME:?message}."""
    innermost = re.compile(r"\$\{(\w+)(:?)([-?]?)([^${}]*)\}")
    while found := innermost.search(words):
        name, colon, sign, other = found.groups()
        value = given.get(name)
        if value is None or (colon and not value):
            assert sign != "?", other
            value = other
        words = words[: found.start()] + value + words[found.end() :]
    return words


@contextlib.contextmanager
def reachable(path: str):
    """A port that leads to a Unix socket which the image's user may not open."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def relay(source: socket.socket, target: socket.socket) -> None:
            with contextlib.suppress(OSError), source:
                while words := source.recv(65536):
                    target.sendall(words)
                target.shutdown(socket.SHUT_WR)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    near, _address = listening.accept()
                    far = socket.socket(socket.AF_UNIX)
                    far.connect(path)
                    for pair in ((near, far), (far, near)):
                        threading.Thread(target=relay, args=pair, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


@contextlib.contextmanager
def database_url():
    database = connection.settings_dict
    host, name = database["HOST"], database["NAME"]
    if not host.startswith("/"):
        password = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
        yield f"postgres://{database['USER']}{password}@{host or '127.0.0.1'}:{database['PORT'] or 5432}/{name}"
        return
    with reachable(f"{host}/.s.PGSQL.{database['PORT'] or 5432}") as port:
        yield f"postgres://{database['USER']}@127.0.0.1:{port}/{name}"


def get(port: int, path: str, **headers: str):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as link:
        link.request("GET", path, headers={"Host": HOST} | PROXIED | headers)
        answer = link.getresponse()
        return answer.status, answer.headers, answer.read()


def wait_for(server, port: int, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            return get(port, "/healthz")
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.mark.thorough
def test_the_image_is_built_by_root_and_serves_as_its_own_user(tmp_path):
    image = Image(tmp_path / "image")
    image.build("portal")
    assert image.user == "portal"
    assert not [path for path in image.at("/app").rglob("*") if path.stat().st_uid == 10001]
    port, log = free_port(), tmp_path / "log.txt"
    with database_url() as database:
        environment = composed(SECRET_KEY="k" * 50, POSTGRES_PASSWORD="p", SITE_HOST=HOST) | {
            "DATABASE_URL": database,
            "REDIS_URL": settings.REDIS_URL,
        }
        server = image.start(["--bind", f"127.0.0.1:{port}"], **environment)
        try:
            wait_for(server, port, log)
            assert_it_serves(image, port)
            healthy = image.ask(["python", "bin/healthcheck.py"], **environment, PORT=str(port))
            assert (healthy.returncode, healthy.stderr) == (0, "")
        finally:
            stop(server)
    assert "Permission denied" not in log.read_text()


def assert_it_serves(image: Image, port: int) -> None:
    assert get(port, "/healthz")[::2] == (200, b"ok\n")
    manifest = json.loads(image.at("/app/staticfiles/staticfiles.json").read_text())["paths"]
    for name in ("portal/app.css", "portal/app.js"):
        path = f"/static/{manifest[name]}"
        status, headers, body = get(port, path, **{"Accept-Encoding": "br"})
        assert (status, headers["Content-Encoding"]) == (200, "br") and "immutable" in headers["Cache-Control"] and body
        assert path.rpartition("/")[2].count(".") == 2, "a hashed name"
    status, _headers, page = get(port, "/about/")
    assert status == 200 and manifest["portal/app.css"].encode() in page
    assert get(port, "/readyz")[0] == 200


def test_the_other_stages_ask_for_what_is_there():
    for stage in ("packages", "proxy"):
        for word, said in stages()[stage]:
            if word == "COPY":
                assert (ROOT / said.split()[0]).exists(), said
    assert ("RUN", "/venv/bin/pip install --require-hashes -r requirements.txt") in stages()["packages"]


def test_the_packages_bound_into_the_image_are_those_it_would_install():
    lines = re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==[^\\\n]+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    needed = [each for each in map(Requirement, lines) if each.marker is None or each.marker.evaluate()]
    wanted = {each.name: str(each.specifier).removeprefix("==") for each in needed}
    assert len(wanted) > 50
    assert {name: _installed(name) for name in wanted} == wanted


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def test_papers_are_for_the_portal_alone_and_collected_files_for_whoever_serves_them(tmp_path):
    found = {}
    for name, definition in {"papers": settings.STORAGES["default"], "collected": settings.COLLECTED}.items():
        place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / name}}
        storage = storages.create_storage(place | {"OPTIONS": place["OPTIONS"] | definition["OPTIONS"]})
        found[name] = stat.S_IMODE(os.stat(storage.path(storage.save("x.txt", ContentFile(b"x")))).st_mode)
    assert found == {"papers": 0o600, "collected": 0o644}
