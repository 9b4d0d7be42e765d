"""Directories of mode 0700 that the servers' account can reach. Standard library only.

Usually that is where it was wanted (.demo/servers). It is elsewhere when root starts the servers in a home that
nobody else may enter, or when the path is too long for a Unix socket: then a directory under /var/tmp, remembered
in a file beside the wanted place.
"""

import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from portal.embedded.processes import Account, run, unprivileged

LONGEST = 80  # bytes; a socket address holds 107, and the socket's own name is appended
PREFIX = "portal-servers-"


def lasting(wanted: Path) -> Path:
    """The room of this checkout, the same at each call."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    account, pointer = unprivileged(), wanted.with_name(f"{wanted.name}.path")
    for room in (_remembered(pointer, wanted), wanted):
        if room and ours(room, account) and _fits(room, account):
            return room
    if not wanted.exists() and _fits(wanted, account):
        return private(wanted, account)
    room = passing(Path("/var/tmp"))
    (room / "checkout").write_text(f"{wanted}\n")
    pointer.write_text(f"{room}\n")
    return room


def passing(*places: Path) -> Path:
    """A new room, for the caller to remove."""
    account = unprivileged()
    for place in places or (Path(tempfile.gettempdir()), Path("/var/tmp")):
        if _fits(place / f"{PREFIX}12345678", account):
            _sweep(place, account)
            return private(Path(tempfile.mkdtemp(prefix=PREFIX, dir=place)), account)
    raise OSError("Neither TMPDIR nor /var/tmp can hold the files of the servers.")


def private(path: Path, account: Account) -> Path:
    """Make `path` a directory of mode 0700 that belongs to `account`."""
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)
    os.chown(path, account.uid, account.gid)
    return path


def ours(path: Path, account: Account) -> bool:
    """Never follow a link or trust a directory that somebody else could have put there."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not found.st_mode & 0o077


def _fits(path: Path, account: Account) -> bool:
    enter = ["/bin/sh", "-c", 'cd "$0"', str(path.parent)]
    return len(os.fsencode(path)) <= LONGEST and run(enter, account=account, cwd="/").returncode == 0


def _remembered(pointer: Path, wanted: Path) -> Path | None:
    """The pointer of a copied checkout leads to the room of the first one, whose note names another place."""
    try:
        room = Path(pointer.read_text().strip())
        return room if (room / "checkout").read_text().strip() == str(wanted) else None
    except OSError:
        return None


def _sweep(place: Path, account: Account) -> None:
    """Remove the rooms of checkouts that are gone, and those of test runs that were killed a day ago or more."""
    for room in place.glob(f"{PREFIX}*"):
        if ours(room, account) and _is_abandoned(room):
            shutil.rmtree(room, ignore_errors=True)


def _is_abandoned(room: Path) -> bool:
    note = room / "checkout"
    if note.exists():
        return not Path(note.read_text().strip()).parent.exists()
    return time.time() - room.stat().st_mtime > 24 * 60 * 60
