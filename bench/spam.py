"""What two spam checkers think of every kind of mail, with SPF, DKIM and DMARC as a receiving server sees them.

usage: .venv/bin/python -m bench.spam [--keep DIRECTORY]

Needs Debian's spamassassin, rspamd, dnsmasq, python3-dkim, libmail-spf-perl and libmail-dkim-perl. Everything runs on 127.0.0.1 and ends with it:

    mails          one of each kind (portal/demo/letters.py) on a freshly loaded demo network, each to a reader at a city and to one in the organization's
                   own domain, staff for example, signed with DKIM and with the lines that a receiving server puts on top
    dnsmasq        the only name server that the checkers ask: addresses, SPF, the DKIM key and DMARC of the organization, and nothing else
    SpamAssassin   the rules of the package; no Bayes, no block lists, no other network
    rspamd         the same

Prints a table and ends with 1 where SpamAssassin gives more than 0.2 or rspamd more than 0.
"""

import argparse
import base64
import contextlib
import json
import mailbox
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from portal.embedded import directories
from portal.embedded.processes import spawn, stop
from portal.embedded.servers import free_port, services

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("spamassassin", "rspamd", "dnsmasq", "dkimsign", "openssl")
# Names that nobody uses under a public suffix (RFC 2606): under .example both checkers doubt every link. No packet goes to the addresses.
OURS, SELECTOR, ADDRESS, HOST = "portal.example.org", "portal", "93.184.215.14", "mail.portal.example.org"
READERS = {"city": "teresa@council.example.net", "own domain": f"teresa@{OURS}"}
MOST = {"SpamAssassin": 0.2, "rspamd": 0.0}
WRITE = """
import os, pathlib
from portal.demo.letters import one_of_each
for kind, mail in one_of_each().items():
    (pathlib.Path(os.environ["ROOM"]) / f"{kind}.eml").write_bytes(mail.content())
"""
SPAMASSASSIN = """
dns_available yes
dns_server 127.0.0.1:{port}
skip_rbl_checks 1
skip_uribl_checks 1
use_bayes 0
use_auto_whitelist 0
use_txrep 0
trusted_networks 127.0.0.1
internal_networks 127.0.0.1
report_safe 0
clear_headers
add_header all Judged score=_SCORE_ tests=_TESTSSCORES(,)_
"""
RSPAMD = {
    "options.inc": 'dns {{ nameserver = ["127.0.0.1:{dns}"]; timeout = 2s; retransmits = 2; }}\nlocal_addrs = ["127.0.0.0/8"];',
    "worker-normal.inc": 'bind_socket = "127.0.0.1:{port}"; count = 1;',
    "worker-controller.inc": "enabled = false;",
    "worker-proxy.inc": "enabled = false;",
    "worker-fuzzy.inc": "enabled = false;",
    "logging.inc": 'type = "file"; filename = "{room}/rspamd.log"; level = "warning";',
}
RSPAMD_OFF = (
    "rbl",
    "fuzzy_check",
    "asn",
    "mx_check",
    "greylist",
    "ratelimit",
    "neural",
    "bayes_expiry",
    "history_redis",
    "replies",
    "reputation",
)

PROVEN = {"R_SPF_ALLOW", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW"}


@dataclass(frozen=True)
class Letter:
    kind: str
    reader: str
    content: bytes  # as the checkers get it


@dataclass(frozen=True)
class Verdict:
    score: float
    marks: dict[str, float]

    @property
    def words(self) -> str:
        return ", ".join(f"{name} {score:+.1f}" for name, score in sorted(self.marks.items()) if score >= 0.05) or "–"


def main() -> int:
    parser = argparse.ArgumentParser(description="What two spam checkers think of every kind of mail.")
    parser.add_argument("--keep", type=Path, help="a directory for the mails as they were checked")
    asked = parser.parse_args()
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. The top of bench/spam.py names Debian’s packages.")
    with tempfile.TemporaryDirectory() as room:
        letters = written(Path(room))
        key = key_in(Path(room))
        letters = [received(letter, key) for letter in letters]
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            for letter in letters:
                (asked.keep / f"{letter.kind}.{letter.reader.replace(' ', '-')}.eml").write_bytes(letter.content)
        with name_server(key) as dns:
            judged = {
                "SpamAssassin": by_spamassassin(letters, dns, Path(room)),
                "rspamd": by_rspamd(letters, dns, Path(room)),
            }
    return report(letters, judged)


# Mails ---------------------------------------------------------------------------------------------


def written(room: Path) -> list[Letter]:
    """One of each kind for each reader, as the portal hands it over."""
    servers_room = directories.passing()
    mails = room / "mails"
    mails.mkdir()
    try:
        with services(lambda: servers_room, durable=False) as servers:
            os.environ.update({server.variable: server.url for server in servers})
            os.environ.update(
                {
                    "DJANGO_SETTINGS_MODULE": "portal.settings", "SECRET_KEY": secrets.token_hex(32), "SITE_URL": f"https://{OURS}", "MAIL_DOMAIN": OURS, "ROOM": str(mails),
                    "ALLOWED_HOSTS": OURS, "EMAIL_URL": "smtp://127.0.0.1:25", "LOG_LEVEL": "WARNING", "MEDIA_ROOT": str(room),
                }
            )  # fmt: skip
            for arguments in (
                ["migrate", "-v", "0"],
                ["demo", "--outside-demo", "-v", "0"],
                ["shell", "-v", "0", "-c", WRITE],
            ):
                subprocess.run(
                    [sys.executable, "manage.py", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
                )
    finally:
        shutil.rmtree(servers_room, ignore_errors=True)
    return [
        Letter(
            path.stem,
            reader,
            re.sub(rb"(?m)^To: .*\r$", f"To: {READERS[reader]}\r".encode(), path.read_bytes(), count=1),
        )
        for path in sorted(mails.glob("*.eml"))
        for reader in READERS
    ]


def key_in(room: Path) -> Path:
    key = room / "dkim.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, capture_output=True)
    return key


def received(letter: Letter, key: Path) -> Letter:
    """Signed, and with what a server puts on top that took it from ours."""
    reader, sender = READERS[letter.reader], f"calls+1.proof@{OURS}"
    signing = ["dkimsign", "--hcanon", "relaxed", "--bcanon", "relaxed", SELECTOR, OURS, str(key)]
    signed = subprocess.run(signing, input=letter.content, capture_output=True, check=True).stdout
    moment = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
    top = (
        f"Return-Path: <{sender}>\r\nDelivered-To: {reader}\r\n"
        f"Received: from {HOST} ({HOST} [{ADDRESS}])\r\n\tby mx.example.net (Postfix) with ESMTPS id 4T0000\r\n"
        f"\tfor <{reader}>; {moment}\r\n"
    )
    return Letter(letter.kind, letter.reader, top.encode() + signed.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


# Checkers ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def name_server(key: Path) -> Iterator[int]:
    """A zone of the organization's alone, on a port of 127.0.0.1."""
    public = subprocess.run(
        ["openssl", "rsa", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True
    ).stdout
    line = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
    parts = ",".join(line[start : start + 250] for start in range(0, len(line), 250))
    port = free_port()
    zone = [
        f"--txt-record={OURS},v=spf1 ip4:{ADDRESS} -all",
        f"--txt-record=_dmarc.{OURS},v=DMARC1; p=reject; adkim=s; aspf=s",
        f"--txt-record={SELECTOR}._domainkey.{OURS},{parts}",
        f"--mx-host={OURS},{HOST},10",
        f"--host-record={HOST},{ADDRESS}",
        f"--host-record={OURS},{ADDRESS}",
        "--mx-host=council.example.net,mx.example.net,10",
        "--host-record=mx.example.net,93.184.215.15",
    ]
    quiet = [
        "--no-resolv",
        "--no-hosts",
        "--no-daemon",
        "--conf-file=/dev/null",
        "--bind-interfaces",
        "--local=/#/",
        "--pid-file=",
    ]
    server = spawn(
        ["dnsmasq", *quiet, "--listen-address=127.0.0.1", f"--port={port}", *zone],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(1)
        yield port
    finally:
        stop(server)


def by_spamassassin(letters: list[Letter], dns: int, room: Path) -> list[Verdict]:
    site = room / "spamassassin"
    shutil.copytree("/etc/spamassassin", site, ignore=shutil.ignore_patterns("sa-update-keys", "*.cf"))
    (site / "local.cf").write_text(SPAMASSASSIN.format(port=dns))
    box = mailbox.mbox(room / "mails.mbox")
    for letter in letters:
        box.add(letter.content.replace(b"\r\n", b"\n"))
    box.close()
    checking = [
        "spamassassin",
        "--siteconfigpath",
        str(site),
        "--prefspath",
        "/dev/null",
        "--mbox",
        str(room / "mails.mbox"),
    ]
    environment = {"PATH": os.environ["PATH"], "HOME": str(room), "LC_ALL": "C"}
    done = subprocess.run(checking, capture_output=True, check=True, env=environment)
    (room / "judged.mbox").write_bytes(done.stdout)
    lines = [str(mail["X-Spam-Judged"]) for mail in mailbox.mbox(room / "judged.mbox")]
    return [_of_spamassassin(" ".join(line.split())) for line in lines]


def _of_spamassassin(line: str) -> Verdict:
    found = re.fullmatch(r"score=(\S+) tests=(.*)", line)
    if not found:
        raise SystemExit(f"SpamAssassin said: {line}")
    marks = (mark.strip().partition("=") for mark in found[2].split(",") if "=" in mark)
    return Verdict(float(found[1]), {name: float(score) for name, _equals, score in marks})


def by_rspamd(letters: list[Letter], dns: int, room: Path) -> list[Verdict]:
    place, port = room / "rspamd", free_port()
    (place / "local.d").mkdir(parents=True)
    for name, text in RSPAMD.items():
        (place / "local.d" / name).write_text(text.format(dns=dns, port=port, room=place))
    for module in RSPAMD_OFF:
        (place / "local.d" / f"{module}.conf").write_text("enabled = false;\n")
    places = [f"--var={name}={place}" for name in ("LOCAL_CONFDIR", "DBDIR", "RUNDIR", "LOGDIR")]
    server = spawn(["rspamd", "--no-fork", "--insecure", "-c", "/etc/rspamd/rspamd.conf", *places], cwd=ROOT)
    try:
        address = f"http://127.0.0.1:{port}"
        for _try in range(600):  # it compiles its patterns first, a minute on a busy machine
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{address}/ping", timeout=2)
                break
            time.sleep(0.5)
        for _try in range(60):
            if set(_of_rspamd(address, letters[0]).marks) >= PROVEN:
                return [_of_rspamd(address, letter) for letter in letters]
            time.sleep(1)
        raise SystemExit("rspamd finds no proof of the sender: the name server or the signature is wrong")
    finally:
        stop(server)


def _of_rspamd(address: str, letter: Letter) -> Verdict:
    sender = str(message_from_bytes(letter.content)["Return-Path"]).strip("<>")
    envelope = {"IP": ADDRESS, "Helo": HOST, "Hostname": HOST, "From": sender, "Rcpt": READERS[letter.reader]}
    request = urllib.request.Request(f"{address}/checkv2", data=letter.content, headers=envelope)
    answer = json.load(urllib.request.urlopen(request, timeout=60))
    return Verdict(answer["score"], {name: mark["score"] for name, mark in answer["symbols"].items()})


# Table ---------------------------------------------------------------------------------------------


def report(letters: list[Letter], judged: dict[str, list[Verdict]]) -> int:
    print("| kind | reader | SpamAssassin | what counts | rspamd | what counts |\n|---|---|---|---|---|---|")
    over = 0
    for letter, spamassassin, rspamd in zip(letters, judged["SpamAssassin"], judged["rspamd"], strict=True):
        row = [f"{spamassassin.score:.1f}", spamassassin.words, f"{rspamd.score:.1f}", rspamd.words]
        print(f"| {letter.kind} | {letter.reader} | {' | '.join(row)} |")
        over += spamassassin.score > MOST["SpamAssassin"] or rspamd.score > MOST["rspamd"]
    for name, verdicts in judged.items():
        worst, passed = (
            max(verdict.score for verdict in verdicts),
            sorted(set.intersection(*(set(verdict.marks) for verdict in verdicts))),
        )
        print(f"\n{name}: {worst:.1f} at worst (at most {MOST[name]} wanted). In all of them: {', '.join(passed)}")
    print(f"\n{over} of {len(letters)} above")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
