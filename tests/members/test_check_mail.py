"""`manage.py check_mail` against a name server, a mail server and a mailbox on this machine."""

import base64
import socket
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command

from members.mail.incoming.inbox import process
from members.mail_desk import dns_records, probe
from members.models import InboundMail, Suppression
from tests import dns_server, imap_server

pytestmark = pytest.mark.django_db
OUR_ADDRESS = "8.8.4.4"
SELECTOR = "s2027"


def key(bits: int) -> str:
    public = rsa.generate_private_key(65537, bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


KEY, SHORT_KEY = key(2048), key(1024)


def text(words: str) -> str:
    """As zone files write it: in strings of at most 255 signs."""
    return " ".join(f'"{words[start : start + 255]}"' for start in range(0, len(words), 255))


def right() -> dns_server.Zone:
    """Everything in order for calls@portal.example."""
    return {
        ("portal.example", "MX"): ["10 mx.portal.example."],
        ("mx.portal.example", "A"): ["192.0.2.25"],
        ("portal.example", "TXT"): [
            text("v=spf1 include:_spf.provider.example ip4:192.0.2.0/24 -all"),
            text("other=1"),
        ],
        ("_spf.provider.example", "TXT"): [text("v=spf1 ip4:198.51.100.0/24 -all")],
        (f"{SELECTOR}._domainkey.portal.example", "TXT"): [text(f"v=DKIM1; k=rsa; p={KEY}")],
        ("_dmarc.portal.example", "TXT"): [text("v=DMARC1; p=quarantine; rua=mailto:reports@portal.example")],
        ("4.4.8.8.in-addr.arpa", "PTR"): ["out.portal.example."],
        ("out.portal.example", "A"): [OUR_ADDRESS],
    }


@pytest.fixture
def zone():
    return right()


@pytest.fixture
def check(zone, settings):
    """What the command says, by line, and how it ends."""
    settings.MAIL_DKIM_SELECTORS = [SELECTOR]

    def check(*arguments: str, code: int = 0) -> list[str]:
        out = StringIO()
        with dns_server.serving(zone) as server:
            try:
                call_command("check_mail", "--dns", server, *arguments, stdout=out)
                ended = 0
            except CommandError as error:
                ended = error.returncode
        assert ended == code, out.getvalue()
        return out.getvalue().splitlines()

    return check


def to_mend(lines: list[str]) -> list[str]:
    return [line.removeprefix("MEND  ") for line in lines if line.startswith("MEND")]


def test_a_domain_in_order_has_nothing_to_mend(check):
    lines = check("--sending-address", OUR_ADDRESS)
    assert lines == [
        "ok    portal.example takes mail at mx.portal.example.",
        "ok    portal.example says which servers may send (SPF).",
        "ok    Bounces come back to portal.example, which belongs to portal.example in From: SPF counts for DMARC.",
        f"ok    The DKIM key at {SELECTOR}._domainkey.portal.example is there (2048 bits).",
        "ok    portal.example has a DMARC policy: quarantine.",
        f"ok    {OUR_ADDRESS} is called out.portal.example (PTR), and out.portal.example is {OUR_ADDRESS}.",
        "Nothing to mend.",
    ]


SPF, DMARC, DKIM = (
    ("portal.example", "TXT"),
    ("_dmarc.portal.example", "TXT"),
    (f"{SELECTOR}._domainkey.portal.example", "TXT"),
)
WRONG = [
    (("portal.example", "MX"), None, "portal.example has no MX record"),
    (("portal.example", "MX"), ["0 ."], "portal.example says that it takes no mail"),
    (("mx.portal.example", "A"), None, "The mail server mx.portal.example of portal.example has no address."),
    (SPF, None, "portal.example has no SPF record"),
    (SPF, [text("v=spf1 -all"), text("v=spf1 mx -all")], "portal.example has 2 SPF records"),
    (SPF, [text("v=spf1 mx +all")], "The SPF record of portal.example ends in “+all”"),
    (SPF, [text("v=spf1 mx all")], "The SPF record of portal.example ends in “all”"),
    (SPF, [text("v=spf1 mx ?all")], "The SPF record of portal.example forbids nobody"),
    (SPF, [text("v=spf1 mx")], "The SPF record of portal.example forbids nobody"),
    (
        SPF,
        [text("v=spf1 " + " ".join(f"a:h{n}.example" for n in range(11)) + " -all")],
        "The SPF record of portal.example leads to more than 10",
    ),
    (DMARC, None, "There is no DMARC record at _dmarc.portal.example"),
    (DMARC, [text("v=DMARC1; p=none"), text("v=DMARC1; p=reject")], "There are 2 DMARC records"),
    (DMARC, [text("v=DMARC1; rua=mailto:x@portal.example")], "The DMARC record of portal.example has no policy"),
    (DKIM, None, "There is no DKIM key at"),
    (DKIM, [text("v=DKIM1; p=")], f"The DKIM key at {SELECTOR}._domainkey.portal.example is revoked"),
    (DKIM, [text(f"v=DKIM1; p={KEY[:200]}")], f"The DKIM key at {SELECTOR}._domainkey.portal.example can’t be read"),
    (("4.4.8.8.in-addr.arpa", "PTR"), None, f"{OUR_ADDRESS}, which delivers our mail, has no name (PTR)"),
    (("out.portal.example", "A"), ["192.0.2.9"], f"{OUR_ADDRESS} is called out.portal.example (PTR), but"),
]


@pytest.mark.parametrize(("which", "records", "words"), WRONG, ids=[words for _which, _records, words in WRONG])
def test_what_is_missing_is_said_and_the_command_ends_with_1(check, zone, which, records, words):
    if records is None:
        del zone[which]
    else:
        zone[which] = records
    (said,) = to_mend(check("--sending-address", OUR_ADDRESS, code=1))
    assert said.startswith(words)


NOTED = [
    (DMARC, [text("v=DMARC1; p=none; rua=mailto:x@portal.example")], "asks for nothing yet"),
    (DMARC, [text("v=DMARC1; p=reject")], "names nobody for reports"),
    (DMARC, [text("v=DMARC1; p=reject; rua=mailto:x@portal.example; aspf=s")], "wants the very same domain for SPF"),
    (DKIM, [text(f"v=DKIM1; p={SHORT_KEY}")], "has 1024 bits"),
    (DKIM, [text(f"v=DKIM1; t=y; p={KEY}")], "only being tried"),
    (DKIM, [text("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")], "is Ed25519"),
]


@pytest.mark.parametrize(("which", "records", "words"), NOTED, ids=[words for _which, _records, words in NOTED])
def test_what_could_be_better_is_noted_and_nothing_to_mend(check, zone, which, records, words):
    zone[which] = records
    lines = check("--sending-address", OUR_ADDRESS)
    assert [line for line in lines if line.startswith("note") and words in line]


def test_questions_of_included_records_count(check, zone):
    zone["portal.example", "TXT"] = [text("v=spf1 include:one.example include:two.example -all")]
    for name in ("one.example", "two.example"):
        zone[name, "TXT"] = [text("v=spf1 " + " ".join(f"a:h{n}.example" for n in range(5)) + " -all")]
    assert "more than 10" in to_mend(check(code=1))[0]


def test_the_policy_of_the_domain_above_holds_below_it(check, zone, settings):
    settings.MAIL_ADDRESS, settings.MAIL_BOUNCE_ADDRESS = "calls@mail.portal.example", "back@bounce.portal.example"
    for name in ("mail.portal.example", "bounce.portal.example"):
        zone[name, "MX"] = zone["portal.example", "MX"]
    zone["bounce.portal.example", "TXT"] = zone["portal.example", "TXT"]
    zone[f"{SELECTOR}._domainkey.mail.portal.example", "TXT"] = zone[DKIM]
    zone[DMARC] = [text("v=DMARC1; p=reject; sp=quarantine; rua=mailto:x@portal.example")]
    lines = check("--sending-address", OUR_ADDRESS)
    assert "ok    portal.example has a DMARC policy: quarantine." in lines
    assert any("another domain" in line for line in lines)


def test_what_is_not_known_is_said_and_nothing_is_guessed(check, settings):
    settings.MAIL_DKIM_SELECTORS, settings.EMAIL_HOST = [], "127.0.0.1"
    unknown = [line for line in check() if line.startswith("?")]
    assert "Which DKIM key signs our mail is not known" in unknown[0]
    assert "Which address delivers our mail is not known" in unknown[1]


def test_without_a_name_server_it_says_so_and_ends_with_2(monkeypatch):
    monkeypatch.setattr(dns_records, "SECONDS", 0.3)  # that it waits for an answer
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was looked up") as ended:
        call_command("check_mail", "--dns", f"127.0.0.1:{port}", stdout=out)
    assert ended.value.returncode == 2
    assert "No name server answers from this machine" in out.getvalue()


@pytest.mark.parametrize("arguments", [["--send-to", "nobody"], ["--sending-address", "portal"]])
def test_what_is_no_address_is_refused(check, arguments):
    assert check(*arguments, code=1) == []


# A mail that comes back -------------------------------------------------------------------------------

SIGNATURE = "v=1; a=rsa-sha256; d=portal.example; s={selector};\r\n h={signed}; bh=x; b=y"
ALL = "From:To:Subject:Date:Message-ID:List-Unsubscribe:List-Unsubscribe-Post:MIME-Version"
PASSED = "mx.portal.example; spf=pass smtp.mailfrom=calls@portal.example; dkim=pass header.d=portal.example; dmarc=pass header.from=portal.example"


@pytest.fixture
def arriving(smtp, settings):
    """What is sent to ourselves arrives in the mailbox, with the headers that a mail server adds."""
    settings.MAIL_AUTHSERV_IDS = ["mx.portal.example"]
    box = imap_server.Mailbox(password="secret")
    headers = {
        "Authentication-Results": PASSED,
        "Received": f"from out.portal.example (out.portal.example [{OUR_ADDRESS}])\r\n by mx.portal.example; Mon, 30 Nov 2026 00:00:00 +0000",
        "DKIM-Signature": SIGNATURE.format(selector=SELECTOR, signed=ALL),
    }

    with imap_server.serving(box):
        settings.IMAP_URL = f"imap://calls:secret@127.0.0.1:{box.port}/INBOX"

        def pass_on() -> None:
            for mail in smtp.received:
                if mail.recipient != "office@portal.example":
                    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
                    box.deliver(head.encode() + mail.raw)

        yield headers, pass_on


@pytest.fixture
def send(arriving, check, monkeypatch):
    pass_on = arriving[1]
    poll = probe.mailbox.poll

    def passed_on(url: str) -> int:
        pass_on()
        return poll(url)

    monkeypatch.setattr(probe.mailbox, "poll", passed_on)
    return lambda *arguments, code=0: check("--send-to", "office@portal.example", *arguments, code=code)


def test_a_mail_goes_to_the_operator_and_one_comes_back(send, smtp, settings):
    settings.MAIL_DKIM_SELECTORS, settings.SITE_URL = [], "https://members.portal.example"
    lines = send()
    (mail,) = smtp.to("office@portal.example")
    (ours,) = [each for each in smtp.received if each is not mail]
    assert ours.message["List-Unsubscribe"] == "<https://members.portal.example/settings/notifications/>"
    assert mail.message["From"] == "Local Progress <calls@portal.example>"
    assert mail.message["List-Unsubscribe-Post"] is None
    assert all(each.startswith("calls+") and each.endswith("@portal.example") for each in smtp.senders)
    assert lines[0] == "ok    A mail is on its way to office@portal.example. Look whether it lies in the inbox."
    assert "came in: what comes back finds us, with its tag." in lines[1]
    assert [line for line in lines if "says" in line and "=pass" in line] == [
        f"ok    mx.portal.example says {method}=pass." for method in ("spf", "dkim", "dmarc")
    ]
    assert any("covers the headers that count" in line for line in lines)
    assert any("(2048 bits)" in line for line in lines), "the selector is learned from the mail"
    assert any(line.startswith(f"ok    {OUR_ADDRESS} is called") for line in lines), "and so is who delivered it"
    assert InboundMail.objects.get().state == "new" and not Suppression.objects.exists()


ARRIVED = [
    ("DKIM-Signature", "", "The mail was not signed (DKIM)."),
    (
        "DKIM-Signature",
        SIGNATURE.format(selector=SELECTOR, signed="From:To:Subject:Date:Message-ID"),
        "leaves out list-unsubscribe, list-unsubscribe-post",
    ),
    ("Authentication-Results", PASSED.replace("spf=pass", "spf=softfail"), "says spf=softfail of our own mail."),
    ("Authentication-Results", PASSED.replace("dmarc=pass", "dmarc=fail (p=none)"), "says dmarc=fail of our own mail."),
]


@pytest.mark.parametrize(("name", "value", "words"), ARRIVED, ids=[words for _name, _value, words in ARRIVED])
def test_what_a_mail_lacks_when_it_comes_in_is_to_mend(send, arriving, name, value, words):
    arriving[0][name] = value
    (said,) = to_mend(send(code=1))
    assert words in said


def test_a_mailbox_that_says_nothing_of_authentication(send, arriving):
    arriving[0]["Authentication-Results"] = ""
    assert any(line.startswith("?") and "no Authentication-Results" in line for line in send())


def test_a_signature_of_the_provider_alone_does_not_count(send, arriving):
    arriving[0]["DKIM-Signature"] = SIGNATURE.format(selector="x", signed=ALL).replace(
        "d=portal.example", "d=provider.example"
    )
    assert any(line.startswith("note") and "is of provider.example" in line for line in send())


def test_a_mail_that_does_not_come_in(check, smtp):
    said = to_mend(check("--send-to", "office@portal.example", "--wait", "0.1", code=1))
    assert len(said) == 1 and "did not come in within 0.1 seconds" in said[0]


def test_a_mail_server_that_takes_nothing(check, smtp):
    smtp.on_data = lambda recipient: "554 no"
    said = to_mend(check("--send-to", "office@portal.example", code=1))
    assert len(said) == 1 and "took no mail" in said[0]


def test_a_mailbox_that_can_not_be_read(check, smtp, settings):
    settings.IMAP_URL = "imap://calls:secret@127.0.0.1:1/INBOX"
    said = to_mend(check("--send-to", "office@portal.example", code=1))
    assert len(said) == 1 and said[0].startswith("The mailbox (IMAP_URL) could not be read")


def test_the_check_mail_is_read_as_automatic_when_its_turn_comes(send):
    send()
    process()
    assert InboundMail.objects.get().state == "ignored"
    assert not Suppression.objects.exists()
