"""The thread switch interval of a process that delivers. It holds for the whole process: call this where one starts."""

import sys

SWITCH = 0.0005  # seconds; Python's own is ten times as long


def take_turns_quickly() -> None:
    """Let threads switch every 0.5 ms instead of 5: one that has an answer to record must not wait for one that
    renders.

    What is not recorded when a process is killed is sent twice.
    """
    sys.setswitchinterval(SWITCH)
