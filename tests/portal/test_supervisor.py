"""The supervisor of the demo."""

import os
import signal
import sys
import time

import pytest

from portal.demo.supervisor import Job, Watched


@pytest.fixture
def job(tmp_path):
    argv = [sys.executable, "-c", "import time; print('started', flush=True); time.sleep(60)"]
    job = Job("worker", argv, log=tmp_path / "worker.log", env={}, cwd=tmp_path)
    yield job
    job.stop()


def look_until(watched: Watched, true, said: list[str]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        watched.look(said.append)
        time.sleep(0.05)


def test_a_job_that_was_killed_starts_again(job):
    job.start()
    watched, said, first = Watched(job), [], job.child.pid
    os.kill(first, signal.SIGKILL)
    look_until(watched, lambda: job.child.pid != first and job.poll() is None, said)
    assert said == ["worker ended (-9); it starts again in 0.5 s."]


def test_a_job_that_keeps_failing_is_started_less_and_less_often(tmp_path):
    job = Job("beat", [sys.executable, "-c", "raise SystemExit(3)"], log=tmp_path / "log", env={}, cwd=tmp_path)
    watched, said = Watched(job), []
    job.start()
    look_until(watched, lambda: len(said) == 3, said)
    assert said == [f"beat ended (3); it starts again in {pause} s." for pause in ("0.5", "1", "2")]


def test_a_stopped_job_leaves_no_child_behind(tmp_path):
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    job = Job("worker", [sys.executable, "-c", script], log=tmp_path / "log", env={}, cwd=tmp_path)
    job.start()
    session = job.child.pid
    job.stop()
    with pytest.raises(ProcessLookupError):
        os.killpg(session, 0)
