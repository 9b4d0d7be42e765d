"""The demo as a person starts it: up, refused twice, killed, up again, stopped with nothing left behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from portal.embedded import directories
from portal.embedded.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
PATIENCE = 180  # seconds; a busy machine is slow, not wrong

pytestmark = [
    pytest.mark.timeout(500),
    pytest.mark.xdist_group("launch"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died"),
]


class Demo:
    """A launcher with a state of its own, so that it may run beside the developer's demo."""

    def __init__(self, state: Path) -> None:
        self.state, self.port, self.output = state, free_port(), state.with_name("output.txt")
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with self.output.open("w") as output:
            self.process = self._spawn(output)
        end = time.monotonic() + PATIENCE
        while "The portal is ready" not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.2)

    def refused(self) -> str:
        second = self._spawn(subprocess.PIPE)
        said, _ = second.communicate(timeout=30)
        assert second.returncode == 1
        return said

    def page(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status

    def end(self, sign: int) -> int:
        self.process.send_signal(sign)
        return self.process.wait(60)

    def children(self) -> list[str]:
        mark = f"PORTAL_LAUNCHED_BY={self.state}".encode()
        return [path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path).split(b"\0")]

    def _spawn(self, output) -> subprocess.Popen:
        env = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "portal.demo.launch"],
            env=env | {"PORT": str(self.port), "DEMO_STATE": str(self.state)},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def demo(tmp_path):
    demo = Demo(tmp_path / "state")
    yield demo
    if demo.process and demo.process.poll() is None:
        demo.end(signal.SIGTERM)
    shutil.rmtree(directories.lasting(demo.state / "servers"), ignore_errors=True)


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_the_demo_survives_its_launcher_and_leaves_nothing_behind(demo):
    demo.start()
    assert demo.page("/issues/economic-justice/") == 200
    assert f"already runs at http://127.0.0.1:{demo.port}/" in demo.refused()

    demo.end(signal.SIGKILL)
    demo.start()
    assert demo.page("/issues/economic-justice/") == 200

    assert demo.end(signal.SIGINT) == 0
    assert demo.children() == []


def test_a_port_in_use_is_answered_with_one_clear_sentence(demo):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", demo.port))
        taken.listen()
        assert demo.refused().startswith(f"Port {demo.port} cannot be used (Address already in use)")


def test_a_port_that_is_no_number_is_answered_with_one_clear_sentence(demo):
    demo.port = "http"
    assert demo.refused() == "PORT must be a number from 1 to 65535, not 'http'.\n"
