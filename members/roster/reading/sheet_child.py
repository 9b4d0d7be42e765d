"""The child process that takes one file of strangers apart: the file on standard input, its list as JSON on standard output.

Started as a script by members.roster.reading.sheets, never imported by the portal. It has little memory, some seconds, and
no database, environment or files to write.
"""

import json
import resource
import sys
from pathlib import Path

MEMORY = 640 * 1024 * 1024  # of addresses; about half of it is ever used
CPU_SECONDS = 30


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    limit()
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from members.roster.reading import files, tables  # noqa: PLC0415 - only after the limits

    raw = sys.stdin.buffer.read()
    try:
        answer = files.sheet_of(raw)
    except tables.Refused as refused:
        answer = {"refused": refused.reason}
    except MemoryError:
        answer = {"refused": "large"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
