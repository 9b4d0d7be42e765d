"""How soon a thread lets another one run, in a process that delivers. It holds for the whole process: say it where one starts."""

import sys

SWITCH = 0.0005  # seconds; Python's own is ten times as long


def take_turns_quickly() -> None:
    """A thread that writes mails lets one that has an answer to record wait for this long: what dies meanwhile doubles."""
    sys.setswitchinterval(SWITCH)
