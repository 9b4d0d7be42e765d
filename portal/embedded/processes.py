"""Child processes that never outlive their parent, for the demo and the tests. Standard library only."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Account(NamedTuple):
    uid: int
    gid: int


def unprivileged() -> Account:
    """The account of the servers: our own, or `nobody` for root, because PostgreSQL refuses uid 0."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def spawn(
    argv: Sequence[str], *, farewell: int = signal.SIGTERM, account: Account | None = None, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own; `farewell` is the signal it gets when this process dies, even by SIGKILL.

    Call it from the main thread: Linux sends the signal when the thread that started the child ends.
    """
    return subprocess.Popen(
        argv, start_new_session=True, preexec_fn=_die_with_parent(farewell), **_identity(account), **options
    )


def run(
    argv: Sequence[str], *, account: Account | None = None, stdin: str = "", **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end, as `account`."""
    return subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        input=stdin,
        preexec_fn=_die_with_parent(signal.SIGKILL),
        **_identity(account),
        **options,
    )


def stop(child: subprocess.Popen[bytes], sign: int = signal.SIGTERM, patience: float = 15) -> None:
    """Ask with `sign`, wait `patience` seconds, then end the child's whole session."""
    if child.poll() is None:
        child.send_signal(sign)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        pass
    _kill_session(child)


def _kill_session(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    child.wait()


def _identity(account: Account | None) -> dict[str, Any]:
    if account is None or account.uid == os.geteuid():
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _die_with_parent(sign: int) -> Callable[[], None] | None:
    if LIBC is None:
        return None
    parent = os.getpid()

    def prepare() -> None:  # runs after the change of user, which would clear the setting
        LIBC.prctl(PR_SET_PDEATHSIG, sign)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare
