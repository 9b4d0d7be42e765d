"""Runs a script that decodes a stranger's file in a child process: with an empty environment and a time limit."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The script failed. `code` is its exit status, negative for the signal that ended it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def run(script: Path, argument: str, raw: bytes, *, seconds: float, too_long: int) -> bytes:
    """The output of `script` for `raw` on its standard input. Raises Refused, with the code `too_long` after `seconds`."""
    command = [sys.executable, "-I", str(script), argument]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, env={}, timeout=seconds, check=True)
    except subprocess.CalledProcessError as error:
        logger.info("A picture was refused: %s", error.stderr[-300:])
        raise Refused(error.returncode) from None
    except subprocess.TimeoutExpired:
        raise Refused(too_long) from None
    return done.stdout
