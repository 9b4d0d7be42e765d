"""Runs a script that decodes what somebody sent, in a process of its own: without our environment, and not for long."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The script did not take it. `code` is what it exited with: negative when a limit of the kernel ended it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def run(script: Path, argument: str, raw: bytes, *, seconds: float, too_long: int) -> bytes:
    """What `script` writes about `raw`. Raises Refused, with the code `too_long` after so many seconds."""
    command = [sys.executable, "-I", str(script), argument]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, env={}, timeout=seconds, check=True)
    except subprocess.CalledProcessError as error:
        logger.info("A picture was refused: %s", error.stderr[-300:])
        raise Refused(error.returncode) from None
    except subprocess.TimeoutExpired:
        raise Refused(too_long) from None
    return done.stdout
