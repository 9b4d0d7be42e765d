"""The Dockerfile by hand: its steps run in a directory of their own, as the image would have them, without a container engine.

Where root may mount, that directory is the root of the file system: the machine's programs and the packages already
installed are bound into it, users and paths are those of the image. Elsewhere paths are read as lying below the directory,
and the steps that only root can take are left out.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.processes import spawn

ROOT = Path(__file__).resolve().parents[1]
SYSTEM = ("/usr", "/proc", "/dev")
LINKS = ("bin", "sbin", "lib", "lib64")
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "shadow": "",
    "gshadow": "",
    "login.defs": "UID_MAX 60000\nGID_MAX 60000\nUSERGROUPS_ENAB yes\n",
}


def stages() -> dict[str, list[tuple[str, str]]]:
    """Instructions and what they say, by the name of the stage."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: dict[str, list[tuple[str, str]]] = {}
    for line in filter(str.strip, text.splitlines()):
        word, _space, rest = line.partition(" ")
        if word == "FROM":
            found[rest.split()[-1]] = []
        found[next(reversed(found))].append((word, rest.strip()))
    return found


def may_mount() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


@dataclass
class Image:
    """What the steps of one stage leave behind, below `place`."""

    place: Path
    whole: bool = field(default_factory=may_mount)
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH, "HOME": "/tmp"})
    directory: str = "/"
    user: str = "root"
    command: list[str] = field(default_factory=list)

    def build(self, stage: str) -> None:
        self._prepare()
        for word, said in stages()[stage]:
            step = getattr(self, f"_{word.lower()}", None)
            if step is None:
                raise NotImplementedError(word)
            step(said)

    def at(self, path: str) -> Path:
        """Where an absolute path of the image lies on this machine."""
        return self.place / path.lstrip("/")

    # Steps, as the reference of the Dockerfile has them ------------------------------------------

    def _from(self, said: str) -> None:
        pass

    def _expose(self, said: str) -> None:
        pass

    def _env(self, said: str) -> None:
        for pair in shlex.split(said):
            name, _is, value = pair.partition("=")
            self.environment[name] = value.replace("$PATH", self.environment["PATH"])

    def _workdir(self, said: str) -> None:
        self.directory = said
        self.at(said).mkdir(parents=True, exist_ok=True)

    def _user(self, said: str) -> None:
        self.user = said

    def _cmd(self, said: str) -> None:
        self.command = json.loads(said)

    def _copy(self, said: str) -> None:
        """From the checkout, leaving out what .dockerignore does; the packages of the other stage are there already."""
        if said.startswith("--from="):
            return
        *sources, target = said.split()
        for source in sources:
            assert any(source == kept or source.startswith(f"{kept}/") for kept in _sent()), f"{source} is not sent"
            into = self.at(os.path.join(self.directory, target))
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, into, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            else:
                into = into / Path(source).name if target.endswith("/") else into
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, into)

    def _run(self, said: str) -> None:
        if "useradd" in said and not self.whole:
            self.at("/data/media").mkdir(parents=True, exist_ok=True)
            return
        done = subprocess.run(**self._call(["sh", "-c", said]), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"RUN {said}\n{done.stdout}{done.stderr}"

    # Running -------------------------------------------------------------------------------------

    def start(self, arguments: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """The command of the image as its user; what it writes goes to log.txt beside `place`."""
        with self.place.with_name("log.txt").open("wb") as log:
            return spawn(**_popen(self._call([*self.command, *arguments], environment)), stdout=log, stderr=log)

    def ask(self, argv: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(**self._call(argv, environment), capture_output=True, text=True, check=False)

    def _call(self, argv: list[str], more: dict[str, str] | None = None) -> dict:
        environment = self.environment | (more or {})
        if not self.whole:
            venv = Path(sys.prefix) / "bin"
            here = {name: value.replace("/data", str(self.at("/data"))) for name, value in environment.items()}
            return {"args": argv, "cwd": self.at(self.directory), "env": here | {"PATH": f"{venv}:{PATH}"}}
        enter = f"cd {self.directory} && exec {shlex.join(argv)}"
        script = "\n".join(
            [*self._mounts(), f"exec chroot --userspec={self._identity()} {self.place} sh -c {shlex.quote(enter)}"]
        )
        return {"args": ["unshare", "-m", "sh", "-ec", script], "env": environment}

    def _mounts(self) -> Iterator[str]:
        for source, target in self._bound():
            yield f"mount --rbind {shlex.quote(source)} {shlex.quote(str(self.at(target)))}"

    def _bound(self) -> list[tuple[str, str]]:
        """The packages as /venv, and also where their programs look for themselves and for Python."""
        places = {sys.prefix, str(Path(sys.prefix).resolve()), sys.base_prefix}
        python = [(path, path) for path in places if not path.startswith("/usr")]
        return [*((path, path) for path in SYSTEM), *python, (sys.prefix, "/venv")]

    def _identity(self) -> str:
        for line in self.at("/etc/passwd").read_text().splitlines():
            name, _x, uid, gid, *_rest = line.split(":")
            if name == self.user:
                return f"{uid}:{gid}"
        raise LookupError(self.user)

    def _prepare(self) -> None:
        self.place.mkdir(mode=0o755, exist_ok=True)
        if not self.whole:
            return
        for _source, target in self._bound():
            self.at(target).mkdir(parents=True, exist_ok=True)
        for name in LINKS:
            self.at(name).symlink_to(f"usr/{name}")
        self.at("/tmp").mkdir(exist_ok=True)
        self.at("/tmp").chmod(0o1777)
        self.at("/etc").mkdir()
        for name, text in ETC.items():
            self.at(f"/etc/{name}").write_text(text)
        shutil.copy("/etc/ld.so.cache", self.at("/etc"))


def _popen(call: dict) -> dict:
    return {"argv": call.pop("args"), **call}


def _sent() -> list[str]:
    """What .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[0] == "*"
    return [line.removeprefix("!") for line in lines if line.startswith("!")]
