"""The child process that parses mails: reads a mail from standard input, writes its tree as JSON, and goes on with the
next.

Started as a script by members.mail.incoming.mail_reading, never imported by the portal. It has little memory, a few
seconds for each mail, and no database, environment or files to write. Each message on the pipes begins with its length
in bytes.
"""

import json
import resource
import sys
from pathlib import Path

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 5  # a mail


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    limit()
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from members.mail.incoming import mime_tree  # noqa: PLC0415 - only after the limits

    while head := sys.stdin.buffer.read(8):
        raw = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        limit_time()
        try:
            answer: dict[str, object] = {"tree": mime_tree.parsed(raw).as_json()}
        except mime_tree.Unreadable as reason:
            answer = {"unreadable": str(reason)}
        said = json.dumps(answer).encode()
        sys.stdout.buffer.write(len(said).to_bytes(8, "big") + said)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
