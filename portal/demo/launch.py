"""Run the whole portal on one machine: `bin/demo`, and `bin/dev` with --reload.

Starts PostgreSQL, Valkey and an SMTP sink where no URL is given, prepares the database, loads the demo network,
and keeps web, workers and beat running until Ctrl-C. State lies under .demo/ (or DEMO_STATE). Needs nothing of the
portal's own code, so that a mistake there cannot keep the launcher from saying what is wrong.
"""

import argparse
import contextlib
import fcntl
import http.client
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from portal.demo.supervisor import Job, Supervisor
from portal.embedded import directories
from portal.embedded.binaries import Unavailable
from portal.embedded.processes import spawn, stop
from portal.embedded.servers import PostgreSQL, Valkey, forget, free_port, services

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("DEMO_STATE") or ROOT / ".demo")
TAG = "PORTAL_LAUNCHED_BY"  # an environment variable that marks our children
READY_PATIENCE = 60.0  # seconds
PEOPLE = (
    ("teresa@portal.example", "member, two committees"),
    ("denise@portal.example", "co-chair of Economic Justice"),
    ("marcus@portal.example", "co-chair"),
    ("jonah@portal.example", "membership staff"),
    ("priya@portal.example", "staff organizer"),
    ("newcomer@portal.example", "applicant"),
    ("admin@portal.example", "administrator"),
)
SHOWN = (
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SECRET_KEY",
    "SECRETS_KEY",
    "DEMO",
    "DEBUG",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "MEDIA_ROOT",
)


class Refused(RuntimeError):
    """One sentence for the person at the keyboard."""


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal."""


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGINT, _stopped)
    signal.signal(signal.SIGTERM, _stopped)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, _stopped)
    try:
        _launch(_port(), reset=arguments.reset, reload=arguments.reload)
    except Stopped:
        say("Stopped.")
        return 0
    except (Refused, Unavailable) as sentence:
        print(sentence, file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"{error.filename} belongs to another user; remove it or use a checkout of your own.", file=sys.stderr)
        return 1
    return 0


def say(sentence: str) -> None:
    with contextlib.suppress(OSError):  # a closed terminal must not stop the stopping
        print(sentence, flush=True)


def _launch(port: int, *, reset: bool, reload: bool) -> None:
    STATE.mkdir(exist_ok=True)
    with _only_one(port), contextlib.ExitStack() as stack:
        _end_leftovers()
        _refuse_port_in_use(port)
        if reset:
            _forget()
        servers = stack.enter_context(services(lambda: directories.lasting(STATE / "servers")))
        env = _environment(port, {server.variable: server.url for server in servers}, debug=reload)
        sink = [] if os.environ.get("EMAIL_URL") else [_sink(env)]
        _forget_last_ticks()
        jobs = _jobs(port, env, reload=reload)
        stack.callback(_stop, jobs, sink)
        for job in sink:
            job.start()
        _prepare(env, reset=reset, reload=reload)
        web, *others = jobs
        web.start()
        _wait_until_ready(web, port)
        for job in others:
            job.start()
        _greet(port)
        Supervisor([*servers, *sink, *jobs], say).run()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/demo", description="Run the portal with a demo network.")
    parser.add_argument("--reset", action="store_true", help="forget everything and load the demo network anew")
    parser.add_argument("--reload", action="store_true", help="restart web and worker when a file changes (bin/dev)")
    parser.epilog = (
        "PORT is the port of the web server (8000). DATABASE_URL, REDIS_URL and EMAIL_URL are used when set."
    )
    return parser.parse_args()


def _port() -> int:
    given = os.environ.get("PORT", "") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise Refused(f"PORT must be a number from 1 to 65535, not {given!r}.")
    return int(given)


def _stopped(sign: int, _frame: object) -> None:
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # a second Ctrl-C must not cut the stopping short
    say("\nStopping...")
    raise Stopped(sign)


@contextlib.contextmanager
def _only_one(port: int) -> Iterator[None]:
    """The lock ends with the launcher, however it ends."""
    with (STATE / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(_already_running(lock)) from None
        lock.truncate(0)
        lock.write(f"http://127.0.0.1:{port}/")
        lock.flush()
        yield


def _already_running(lock: IO[str]) -> str:
    lock.seek(0)
    return f"The demo of this checkout already runs at {lock.read()}. Stop it there first."


def _end_leftovers() -> None:
    """Children of a launcher that was killed get SIGTERM by themselves; some take long over it."""
    end = time.monotonic() + 8
    while left := _leftovers():
        sign = signal.SIGTERM if time.monotonic() < end else signal.SIGKILL
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
        if time.monotonic() > end + 5:
            return
        time.sleep(0.5)


def _leftovers() -> list[int]:
    mark = f"{TAG}={STATE}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def _refuse_port_in_use(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(
                f"Port {port} cannot be used ({error.strerror}): choose another, as in PORT=8010 bin/demo."
            ) from None


def _forget() -> None:
    if not all(os.environ.get(kind.variable) for kind in (PostgreSQL, Valkey)):
        forget(directories.lasting(STATE / "servers"))
    for place in ("mail", "media"):
        shutil.rmtree(STATE / place, ignore_errors=True)


def _forget_last_ticks() -> None:
    """A beat that was killed may leave a file that it cannot read again."""
    for file in STATE.glob("beat-schedule*"):
        file.unlink()


def _environment(port: int, urls: dict[str, str], *, debug: bool) -> dict[str, str]:
    defaults = {
        "SECRET_KEY": _key("secret-key"),
        "SECRETS_KEY": _key("secrets-key"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "MEDIA_ROOT": str(_directory("media")),
        "DEMO_MAIL": str(_directory("mail")),
        "STATIC_ROOT": str(STATE / "static"),
        "SMTP_TIMEOUT": "4",  # the mail catcher is here: what a killed worker had in hand goes again within a minute
        "MAIL_PATIENCE": "10",
    }
    given = {name: value for name, value in os.environ.items() if value}
    fixed = {"DEMO": "1", "DEBUG": "1" if debug else "0", TAG: str(STATE), "PYTHONUNBUFFERED": "1"}
    env = defaults | given | fixed | urls
    lines = [f"{name}={shlex.quote(env[name])}\n" for name in SHOWN]
    _write_private(STATE / "env", "".join(lines))
    return env


def _key(name: str) -> str:
    path = STATE / name
    if not path.exists():
        _write_private(path, secrets.token_urlsafe(50))
    return path.read_text()


def _write_private(path: Path, text: str) -> None:
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.rename(path)


def _directory(name: str) -> Path:
    path = STATE / name
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _sink(env: dict[str, str]) -> Job:
    port = env["EMAIL_URL"].rpartition(":")[2]
    return _job("mail", env, "portal.demo.sink", port, env["DEMO_MAIL"])


def _jobs(port: int, env: dict[str, str], *, reload: bool) -> list[Job]:
    worker = ["celery", "-A", "portal", "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    slow = [*worker, "-Q", "celery,mail", "-c", "2", "-n", "main@%h"]
    fast = [*worker, "-Q", "fast", "-c", "1", "-n", "fast@%h"]
    beat = ["celery", "-A", "portal", "beat", "--pidfile", "", "--schedule", str(STATE / "beat-schedule")]
    web = ["gunicorn", "--config", "python:portal.web_server", "portal.wsgi", "--bind", f"127.0.0.1:{port}"]
    web += ["--threads", "4", "--graceful-timeout", "5"]
    if reload:
        web = [str(ROOT / "manage.py"), "runserver", f"127.0.0.1:{port}"]
        slow, fast = _reloading(slow), _reloading(fast)
    named = {"web": web, "worker": slow, "fast worker": fast, "beat": beat}
    return [_job(name, env, *arguments) for name, arguments in named.items()]


def _reloading(arguments: list[str]) -> list[str]:
    command = shlex.join([sys.executable, "-m", *arguments])
    return [
        "watchfiles",
        "--filter",
        "python",
        command,
        *(str(ROOT / app) for app in ("portal", "events", "committees", "members")),
    ]


def _job(name: str, env: dict[str, str], program: str, *arguments: str) -> Job:
    module = [] if program.endswith(".py") else ["-m"]
    log = _directory("logs") / f"{name.replace(' ', '-')}.log"
    return Job(name, [sys.executable, *module, program, *arguments], log=log, env=env, cwd=ROOT)


def _prepare(env: dict[str, str], *, reset: bool, reload: bool) -> None:
    say("Preparing the database...")
    shutil.rmtree(STATE / "static", ignore_errors=True)
    with contextlib.ExitStack() as stack:
        if reload:
            _manage(env, "bundle_assets")
        else:  # styles, scripts and fonts are hashed and compressed on the second core
            (STATE / "static").mkdir()
            stack.enter_context(_running(env, "collectstatic", "--no-input", "--verbosity", "0"))
        _manage(env, "migrate", "--no-input", "--verbosity", "0")
        _manage(env, "demo", *(["--reset"] if reset else []))


def _manage(env: dict[str, str], *arguments: str) -> None:
    with _running(env, *arguments):
        pass


@contextlib.contextmanager
def _running(env: dict[str, str], *arguments: str) -> Iterator[None]:
    """A command of manage.py beside what happens inside; waited for at the end, ended when that fails."""
    child = spawn([sys.executable, str(ROOT / "manage.py"), *arguments], env=env, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        yield
        if child.wait():
            raise Refused(f"manage.py {arguments[0]} failed. If the demo is from an older version: bin/demo --reset.")
    finally:
        stop(child, patience=2)


def _wait_until_ready(web: Job, port: int) -> None:
    end = time.monotonic() + READY_PATIENCE
    while not _answers(port):
        if web.poll() is not None or time.monotonic() > end:
            raise Refused(f"The web server did not start; the end of {web.log}:\n{web.last_words()}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _greet(port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    people = "\n".join(f"           {email:<26}{role}" for email, role in PEOPLE)
    say(
        f"\nThe portal is ready.\n\n"
        f"  Open     {address}/\n"
        f"  Sign in  {address}/demo/  (one button a person, no mail needed)\n{people}\n"
        f"  Mail     {address}/demo/mail/  (everything the portal sent)\n"
        f"  Logs     .demo/logs/\n"
        f"  Command  (set -a; . .demo/env; .venv/bin/python manage.py help)\n\n"
        f"Ctrl-C stops it. bin/demo --reset starts from nothing.\n"
    )


def _stop(jobs: list[Job], sink: list[Job]) -> None:
    for job in jobs:
        job.ask_to_stop()
    for job in [*jobs, *sink]:
        job.stop()


if __name__ == "__main__":
    sys.exit(main())
