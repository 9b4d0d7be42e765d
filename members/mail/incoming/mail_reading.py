"""Parsing mails of strangers in a child process (members/mail/incoming/mail_child.py), so that a harmful one ends only
that.

The child starts with the first mail and serves the next ones. It is killed when one takes too long, and ends by itself
when this process does.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from members.mail.incoming import mime
from members.mail.incoming.mime_tree import Node, Unreadable

CHILD = Path(__file__).with_name("mail_child.py")
SECONDS = 15  # for one mail, however busy the machine is
MOST_MAILS = 500  # of one child


class ChildDied(Exception):
    """The child process ended for a reason outside of the mail, so the mail may be tried again."""


class Opener:
    """Owns the child process. One mail is parsed at a time; other threads wait."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._lock = threading.Lock()

    def open(self, raw: bytes) -> mime.Mail:
        """The parsed mail. Raises Unreadable when it can't be parsed within the limits."""
        if len(raw) > mime.MOST_BYTES:
            raise Unreadable(f"It is larger than {mime.MOST_BYTES // 1024 // 1024} MB.")
        with self._lock:
            answer = json.loads(self._ask(raw))
        if "unreadable" in answer:
            raise Unreadable(answer["unreadable"])
        return mime.of_tree(Node.from_json(answer["tree"]))

    def close(self) -> None:
        with self._lock:
            self._end()

    def _ask(self, raw: bytes) -> bytes:
        child = self._running()
        late = threading.Event()
        clock = threading.Timer(SECONDS, _kill, [child, late])
        clock.start()
        try:
            return _exchange(child, raw)
        except (OSError, EOFError) as error:
            self._end()
            if late.is_set() or child.returncode == -signal.SIGXCPU:
                raise Unreadable("It takes too long to be taken apart.") from error
            raise ChildDied(f"The process that takes mails apart ended with {child.returncode}.") from error
        finally:
            clock.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        self._served += 1
        if self._child is not None and (self._served > MOST_MAILS or self._child.poll() is not None):
            self._end()
        if self._child is None:
            self._served = 1
            self._child = subprocess.Popen(
                [sys.executable, "-I", str(CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,  # an interrupt of this process is none of the child's
            )
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                _close(pipe)
            self._child = None


def _kill(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _exchange(child: subprocess.Popen[bytes], raw: bytes) -> bytes:
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(len(raw).to_bytes(8, "big") + raw)
    child.stdin.flush()
    head = child.stdout.read(8)
    said = child.stdout.read(int.from_bytes(head, "big")) if len(head) == 8 else b""
    if not said or len(said) < int.from_bytes(head, "big"):
        raise EOFError
    return said


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except OSError:  # what was not written any more
        pass


opener = Opener()


def opened(raw: bytes) -> mime.Mail:
    """As `mime.opened`, in the child process."""
    return opener.open(raw)
