"""Three ways in for mail: the provider's webhook, a mailbox by IMAP, and a mail server on this machine."""

import asyncio
import base64
import datetime
import hmac
import imaplib
import importlib
import io
import ipaddress
import json
import smtplib
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from anymail import urls as theirs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import Client
from django.urls import clear_url_caches

from members import tasks
from members.mail import reply_addresses
from members.mail.incoming import mailbox, mime, mta
from members.models import InboundMail
from members.web.body_limits import body_limit
from portal.embedded.servers import free_port
from tests.imap_server import Mailbox, serving
from tests.members.test_inbound import mail_of

Via = InboundMail.Via
SECRET = "provider:only-for-tests-only-for-tests"


# The webhook ---------------------------------------------------------------------------------------


@contextmanager
def mounted(settings, secret: str, of: str = "postmark", **keys: str):
    settings.WEBHOOK_SECRET, settings.WEBHOOK_PROVIDER = secret, of
    settings.ANYMAIL = {"WEBHOOK_SECRET": secret} | keys
    urls = importlib.import_module("portal.urls")
    try:
        if secret:
            importlib.reload(importlib.import_module("members.mail.incoming.webhooks"))
        importlib.reload(urls)
        clear_url_caches()
        yield Client(raise_request_exception=False)
    finally:
        settings.WEBHOOK_SECRET = ""
        importlib.reload(urls)
        clear_url_caches()


@pytest.fixture
def provider(db, settings):
    with mounted(settings, SECRET) as client:
        yield client


def post(client: Client, fields: dict, secret: str = SECRET):
    basic = base64.b64encode(secret.encode()).decode()
    return client.post(
        "/webhooks/mail/postmark/inbound/",
        fields,
        content_type="application/json",
        headers={"Authorization": f"Basic {basic}"},
    )


POSTMARK = {
    "FromFull": {"Email": "mo@portal.example", "Name": "Mo"},
    "ToFull": [{"Email": "calls@portal.example", "Name": ""}],
    "OriginalRecipient": "calls+1.2.x@portal.example",
    "Subject": "Re: Fair workweek",
    "TextBody": "Yes",
    "Headers": [
        {"Name": "Return-Path", "Value": "<mo@portal.example>"},
        {"Name": "Message-ID", "Value": "<rebuilt@mail.example>"},
    ],
    "Attachments": [
        {"Name": "invite.ics", "ContentType": "text/calendar", "Content": "QkVHSU46VkNBTEVOREFSDQo="},
    ],
}


def test_a_webhook_keeps_the_raw_mail_where_the_provider_sends_it(provider):
    raw = mail_of("Grüße ☎")
    assert post(provider, POSTMARK | {"RawEmail": raw.decode()}).status_code == 200
    mail = InboundMail.objects.get()
    assert (bytes(mail.raw), mail.via, mail.message_id) == (raw, Via.WEBHOOK, "one@mail.example")
    assert (mail.envelope_to, mail.envelope_from) == ("calls+1.2.x@portal.example", "mo@portal.example")


def test_a_webhook_rebuilds_it_elsewhere(provider):
    assert post(provider, POSTMARK).status_code == 200
    mail = InboundMail.objects.get()
    opened = mime.opened(bytes(mail.raw))
    assert (mail.message_id, opened.sender, opened.text.strip()) == ("rebuilt@mail.example", "mo@portal.example", "Yes")
    assert [part.content for part in opened.of_type("text/calendar")] == [b"BEGIN:VCALENDAR\r\n"]


def nested(levels: int) -> str:
    head = "From: mo@portal.example\r\nTo: calls@portal.example\r\nMessage-ID: <deep@mail.example>\r\n"
    parts = (f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n' for level in range(levels))
    return head + "".join(parts) + "Content-Type: text/plain\r\n\r\nHi"


def posts(raw: str) -> list[tuple[str, object]]:
    """How each provider posts a raw mail."""
    to, sender = "calls+1.2.x@portal.example", "mo@portal.example"
    msys = {
        "relay_message": {
            "content": {"email_rfc822": raw, "email_rfc822_is_base64": False},
            "rcpt_to": to,
            "msg_from": sender,
            "protocol": "smtp",
        }
    }
    return [
        ("postmark", POSTMARK | {"RawEmail": raw}),
        ("sparkpost", [{"msys": msys}]),
        ("mailgun", {"body-mime": raw, "recipient": to, "sender": sender}),
        ("sendgrid", {"email": raw, "envelope": json.dumps({"to": [to], "from": sender}), "charsets": "{}"}),
    ]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("levels", [1, 230, 3000])
def test_a_webhook_stores_before_anybody_parses(db, settings, number, levels):
    name, fields = posts(raw := nested(levels))[number]
    with mounted(settings, SECRET, name, MAILGUN_WEBHOOK_SIGNING_KEY="key") as provider:
        answer = posted(provider, name, fields)
    assert answer.status_code == 200
    mail = InboundMail.objects.get()
    assert (bytes(mail.raw), mail.state, mail.message_id) == (raw.encode(), "new", "deep@mail.example")
    assert (mail.envelope_to, mail.envelope_from) == ("calls+1.2.x@portal.example", "mo@portal.example")
    tasks.read_mail()
    mail.refresh_from_db()
    assert mail.state == ("waiting" if levels == 1 else "failed")


@pytest.mark.parametrize("number", range(4))
def test_a_webhook_takes_a_mail_with_attachments_of_megabytes(db, settings, number):
    raw = nested(1) + "\r\n" + ("x" * 70 + "\r\n") * 50_000  # 3.6 MB
    name, fields = posts(raw)[number]
    with mounted(settings, SECRET, name, MAILGUN_WEBHOOK_SIGNING_KEY="key") as provider:
        answer = posted(provider, name, fields)
    assert answer.status_code == 200
    mail = InboundMail.objects.get()
    assert (len(mail.raw), mail.message_id) == (len(raw), "deep@mail.example")
    assert bytes(mail.raw) == raw.encode()


def test_a_webhook_takes_every_attachment_as_it_is(db, settings):
    files = {
        f"attachment{number}": SimpleUploadedFile(
            f"naïve {number}.bin", bytes(range(14, 256)) * 500, "application/x-bin"
        )
        for number in range(1, 7)
    }
    info = {name: {"filename": file.name, "type": "application/x-bin"} for name, file in files.items()}
    fields = {"headers": "From: mo@portal.example\nMessage-ID: <six@mail.example>", "text": "Grüße ☎", "charsets": "{}"}
    fields |= {"envelope": json.dumps({"to": ["calls@portal.example"], "from": "mo@portal.example"})}
    with mounted(settings, SECRET, "sendgrid") as provider:
        answer = posted(provider, "sendgrid", fields | files | {"attachment-info": json.dumps(info)})
    assert answer.status_code == 200
    opened = mime.opened(bytes(InboundMail.objects.get().raw))
    assert opened.text.strip() == "Grüße ☎"
    assert [part.content for part in opened.of_type("application/x-bin")] == [bytes(range(14, 256)) * 500] * 6


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\r\r\n\n\r\n--b\r\n" + bytes(range(256)) * 40


@pytest.mark.parametrize("kind", ["image/png", "text/csv", "application/octet-stream"])
@pytest.mark.parametrize("name", ["postmark", "sendgrid"])
def test_an_attachment_of_a_parsed_mail_stays_equal_to_the_byte(db, settings, name, kind):
    if name == "postmark":
        picture = {"Name": "map.png", "ContentType": kind, "Content": base64.b64encode(PNG).decode()}
        fields = POSTMARK | {"Attachments": [picture]}
    else:
        fields = {
            "headers": "From: mo@portal.example\nMessage-ID: <png@mail.example>",
            "text": "A map",
            "charsets": "{}",
        }
        fields |= {"envelope": json.dumps({"to": ["calls@portal.example"], "from": "mo@portal.example"})}
        fields |= {"attachment1": SimpleUploadedFile("map.png", PNG, kind)}
        fields |= {"attachment-info": json.dumps({"attachment1": {"filename": "map.png", "type": kind}})}
    with mounted(settings, SECRET, name) as provider:
        assert posted(provider, name, fields).status_code == 200
    opened = mime.opened(bytes(InboundMail.objects.get().raw))
    assert [(part.filename, part.content) for part in opened.of_type(kind)] == [("map.png", PNG)]


def test_more_than_any_provider_posts_is_refused(provider):
    assert body_limit("/webhooks/mail/postmark/inbound/") == 56 * 1024 * 1024
    basic = base64.b64encode(SECRET.encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Length": str(57 * 1024 * 1024)}
    answer = provider.post(
        "/webhooks/mail/postmark/inbound/",
        "{}",
        content_type="application/json",
        headers=headers,
        CONTENT_LENGTH=str(57 * 1024 * 1024),
    )
    assert answer.status_code == 413


def posted(provider: Client, name: str, fields: dict):
    if name == "mailgun":
        token = {"timestamp": "1461565330", "token": "x" * 40}
        signed = hmac.new(b"key", f"{token['timestamp']}{token['token']}".encode(), "sha256").hexdigest()
        fields = fields | token | {"signature": signed}
    kind = {} if name in ("mailgun", "sendgrid") else {"content_type": "application/json"}
    basic = base64.b64encode(SECRET.encode()).decode()
    address = f"/webhooks/mail/{name}/{'inbound_mime' if name == 'mailgun' else 'inbound'}/"
    return provider.post(address, fields, headers={"Authorization": f"Basic {basic}"}, **kind)


@pytest.mark.parametrize(
    "fields",
    [
        POSTMARK | {"Headers": "nonsense"},
        POSTMARK | {"RawEmail": 7},
        POSTMARK | {"Attachments": [{"Name": "x", "ContentType": "a/b", "Content": "%%%"}]},
        POSTMARK | {"Attachments": [{"Name": "x", "ContentType": "message/rfc822", "Content": nested(230)}]},
        ["words"],
    ],
)
def test_a_post_that_is_not_understood_is_kept_whole(provider, fields):
    assert post(provider, fields).status_code == 200
    mail = InboundMail.objects.get()
    if mail.state == "failed":
        assert json.loads(bytes(mail.raw)) == fields
        assert mail.outcome == "What the mail provider posted can’t be taken apart; it’s kept as it came."
    assert post(provider, fields).status_code == 200
    assert InboundMail.objects.count() == 1


def test_a_form_that_is_not_understood_is_kept_with_its_fields(db, settings):
    basic = base64.b64encode(SECRET.encode()).decode()
    fields = {"envelope": "{", "text": "Hi", "attachments": "1"}
    with mounted(settings, SECRET, "sendgrid") as provider:
        answer = provider.post("/webhooks/mail/sendgrid/inbound/", fields, headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 200
    assert b"Hi" in bytes(InboundMail.objects.get().raw)


def test_a_webhook_without_the_secret_is_refused(provider):
    assert post(provider, POSTMARK, "provider:wrong").status_code == 400
    assert (
        provider.post("/webhooks/mail/postmark/inbound/", POSTMARK, content_type="application/json").status_code == 400
    )
    assert not InboundMail.objects.exists()


def test_a_webhook_is_no_page(provider):
    assert provider.get("/webhooks/mail/postmark/inbound/").status_code == 405


EVERY = sorted(
    {
        str(each.pattern).strip("^$").replace("(_mime)?", "_mime")
        for each in theirs.urlpatterns
        if "amazon_ses" not in str(each.pattern)
    }
)
PROVIDERS = sorted({path.partition("/")[0] for path in EVERY})
PEM = (
    rsa.generate_private_key(65537, 2048)
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
KEYS = {
    "BREVO_API_KEY": "key",
    "SENDINBLUE_API_KEY": "key",
    "MAILTRAP_API_TOKEN": "key",
    "RESEND_API_KEY": "key",
    "UNISENDER_GO_API_KEY": "key",
    "MAILERSEND_SIGNING_SECRET": "key",
    "MAILERSEND_INBOUND_SECRET": "key",
    "MAILGUN_WEBHOOK_SIGNING_KEY": "key",
    "MANDRILL_WEBHOOK_KEY": "key",
    "POSTAL_WEBHOOK_KEY": "".join(PEM.splitlines()[1:-1]),
}
BODIES = [b"", b"{}", b"[]", b"null", b"7", b"{", b"\0\xff", b"[" * 9000, b'[{"msys": 1}]', b"a=b", b'{"signature": 1}']
KINDS = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]


def forgeries():
    """Posts of somebody who does not know the secret, and of somebody who does and makes things up."""
    right = f"Basic {base64.b64encode(SECRET.encode()).decode()}"
    proofs = [{}, {"HTTP_AUTHORIZATION": "Basic x"}, {"HTTP_AUTHORIZATION": right}]
    signed = dict.fromkeys(("HTTP_X_MANDRILL_SIGNATURE", "HTTP_X_POSTAL_SIGNATURE", "HTTP_SIGNATURE"), "é%%")
    proofs += [proof | signed for proof in proofs]
    return [(body, kind, proof) for at, body in enumerate(BODIES) for kind in KINDS for proof in proofs[at % 2 :: 2]]


@pytest.mark.parametrize("name", PROVIDERS)
def test_only_the_providers_own_addresses_exist_and_nothing_forged_breaks_them(db, settings, name):
    with mounted(settings, SECRET, name, **KEYS) as client:
        for path in EVERY:
            own = path.partition("/")[0] == name
            answers = {
                client.post(f"/webhooks/mail/{path}", body, content_type=kind, **proof).status_code
                for body, kind, proof in (forgeries() if own else forgeries()[:3])
            }
            assert answers <= ({200, 400} if own else {404}), path


@pytest.mark.parametrize(("name", "words"), [("", "must be one of"), ("nobody", "brevo"), ("mailgun", "SIGNING_KEY")])
def test_a_provider_that_is_unknown_or_lacks_its_key_is_said_at_the_start(db, settings, name, words):
    with pytest.raises(ImproperlyConfigured, match=words), mounted(settings, SECRET, name):
        pass


def test_without_a_secret_there_is_no_webhook(db, settings):
    with mounted(settings, "") as client:
        assert post(client, POSTMARK).status_code == 404


# The mailbox ---------------------------------------------------------------------------------------


@pytest.fixture
def box():
    with serving(Mailbox()) as box:
        yield box


def url(box: Mailbox, scheme: str = "imap", password: str = "pass%20%22word", folder: str = "") -> str:
    return f"{scheme}://{box.user}:{password}@127.0.0.1:{box.port}/{folder}"


def test_unseen_mail_is_stored_and_then_marked(db, box):
    first, second = box.deliver(mail_of(message_id="<a@b>")), box.deliver(mail_of(message_id="<c@d>"))
    assert mailbox.poll(url(box)) == 2
    assert set(InboundMail.objects.values_list("message_id", "via")) == {("a@b", Via.IMAP), ("c@d", Via.IMAP)}
    assert bytes(InboundMail.objects.get(message_id="a@b").raw) == box.mails[first]
    assert box.seen == {first, second}
    assert mailbox.poll(url(box)) == 0


def test_a_line_that_breaks_before_the_mark_loses_and_doubles_nothing(db, box):
    box.deliver(mail_of())
    box.drop_before = "STORE"
    with pytest.raises(imaplib.IMAP4.abort):
        mailbox.poll(url(box))
    assert InboundMail.objects.count() == 1 and not box.seen
    box.drop_before = ""
    assert mailbox.poll(url(box)) == 0
    assert InboundMail.objects.count() == 1 and box.seen


def test_what_cannot_be_stored_stays_unseen(db, box, monkeypatch):
    box.deliver(mail_of())

    def full(*args, **kwargs):
        raise OSError("no")

    monkeypatch.setattr(mailbox, "store", full)
    with pytest.raises(OSError, match="no"):
        mailbox.poll(url(box))
    assert not box.seen


def test_one_that_cannot_be_fetched_does_not_hold_up_the_others(db, box):
    broken, other = box.deliver(mail_of(message_id="<a@b>")), box.deliver(mail_of(message_id="<c@d>"))
    box.withheld = broken
    assert mailbox.poll(url(box)) == 1
    assert box.seen == {other}


def test_of_one_that_is_too_large_only_the_headers_are_fetched(db, box):
    box.deliver(mail_of("x" * (mime.MOST_BYTES + 1)))
    mailbox.poll(url(box))
    assert "FETCH 101 (BODY.PEEK[HEADER])" in box.asked and "FETCH 101 (BODY.PEEK[])" not in box.asked
    mail = InboundMail.objects.get()
    assert mail.size > mime.MOST_BYTES and len(mail.raw) < 1000


def test_a_wrong_password_and_a_wrong_folder_say_so(db, box, settings):
    settings.IMAP_URL = url(box, password="wrong")
    with pytest.raises(CommandError, match="AUTHENTICATIONFAILED"):
        call_command("poll_mailbox")
    settings.IMAP_URL = url(box, folder="Nowhere")
    with pytest.raises(CommandError, match="answered NO"):
        call_command("poll_mailbox")


def test_the_tick_and_the_command_poll_where_an_address_is_set(db, box, settings):
    box.deliver(mail_of())
    settings.IMAP_URL = ""
    tasks.poll_mailbox()
    with pytest.raises(CommandError, match="Set IMAP_URL"):
        call_command("poll_mailbox")
    assert not box.asked
    settings.IMAP_URL = url(box)
    tasks.poll_mailbox()
    assert InboundMail.objects.count() == 1


@pytest.mark.parametrize("wrong", ["imap://user:password@mail.example/", "https://mail.example/", "imaps:///INBOX", ""])
def test_a_password_never_goes_over_an_open_line(wrong):
    with pytest.raises(ImproperlyConfigured):
        mailbox.Address.of(wrong)


def test_over_tls_the_certificate_is_checked(db, tmp_path, monkeypatch):
    tls, authority = certificate(tmp_path)
    with serving(Mailbox(), tls) as box:
        box.deliver(mail_of())
        with pytest.raises(ssl.SSLCertVerificationError):
            mailbox.poll(url(box, "imaps"))
        monkeypatch.setenv("SSL_CERT_FILE", authority)
        assert mailbox.poll(url(box, "imaps")) == 1


def certificate(directory) -> tuple[ssl.SSLContext, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = builder.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    chain, secret = directory / "chain.pem", directory / "key.pem"
    chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return context, str(chain)


# The mail server of this machine -------------------------------------------------------------------


@contextmanager
def receiving(protocol: str):
    """The server of `receive_mail` in a thread; its port."""
    port, loop, end = free_port(), asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(mta.serve(protocol, "127.0.0.1", port, until=end)))
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)
        loop.close()


def take_away_the_database(monkeypatch) -> None:
    """New connections go where nobody answers."""
    params = connection.get_connection_params() | {"host": "/nowhere"}
    monkeypatch.setattr(DatabaseWrapper, "get_connection_params", lambda self: params)


def client(protocol: str, port: int):
    kind = smtplib.LMTP if protocol == "lmtp" else smtplib.SMTP
    for attempt in range(100):
        try:
            return kind("127.0.0.1", port, timeout=10)
        except ConnectionRefusedError:
            if attempt == 99:
                raise
            threading.Event().wait(0.05)
    return None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protocol", ["lmtp", "smtp"])
def test_a_mail_is_answered_with_250_when_it_is_stored(protocol):
    tagged = reply_addresses.address(reply_addresses.ANSWER, 1, 2)
    with receiving(protocol) as port, client(protocol, port) as line:
        assert line.sendmail("mo@portal.example", [tagged], mail_of()) == {}
        line.sendmail("", ["calls@portal.example"], mail_of(message_id="<bounce@b>"))
    mail, bounce = InboundMail.objects.order_by("pk")
    assert (mail.via, mail.envelope_to, mail.envelope_from) == (Via.LOCAL, tagged, "mo@portal.example")
    assert bytes(mail.raw) == mail_of() + b"\r\n"
    assert bounce.envelope_from == ""


@pytest.mark.django_db(transaction=True)
def test_lmtp_answers_the_content_once_a_recipient():
    with receiving("lmtp") as port, client("lmtp", port) as line:
        line.ehlo_or_helo_if_needed()
        line.mail("mo@portal.example")
        for address in ("calls@portal.example", reply_addresses.address(reply_addresses.ANSWER, 1, 2)):
            assert line.rcpt(address)[0] == 250
        assert line.data(mail_of())[0] == 250
        assert line.getreply()[0] == 250
        assert line.noop()[0] == 250
    assert InboundMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_other_addresses_are_refused_for_good():
    with receiving("smtp") as port, client("smtp", port) as line:
        line.ehlo()
        line.mail("mo@portal.example")
        for address in (
            "somebody@else.example",
            "postmaster@portal.example",
            "calls+1.2.aaaaaaaaaaaaaaaa@portal.example",
            "calls+@portal.example",
            reply_addresses.address(reply_addresses.ANSWER, 1, 2).replace("calls+", "other+"),
            reply_addresses.address(reply_addresses.ANSWER, 1, 2).replace("portal.example", "else.example"),
        ):
            assert line.rcpt(address)[0] == 550
        assert line.rcpt("CALLS@Portal.Example")[0] == 250
        assert line.rcpt(reply_addresses.address(reply_addresses.BOUNCE, 5).upper())[0] == 250
    assert not InboundMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_too_large_is_refused_for_good():
    with receiving("smtp") as port, client("smtp", port) as line:
        with pytest.raises(smtplib.SMTPException) as refused:
            line.sendmail("mo@portal.example", ["calls@portal.example"], mail_of("x" * (mime.MOST_BYTES + 1)))
        assert "552" in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_the_mail_server_keeps_the_mail(monkeypatch):
    with receiving("lmtp") as port, client("lmtp", port) as line:
        with monkeypatch.context() as away:
            take_away_the_database(away)
            with pytest.raises(smtplib.SMTPDataError) as put_off:
                line.sendmail("mo@portal.example", ["calls@portal.example"], mail_of())
        assert put_off.value.smtp_code == 451
        assert line.sendmail("mo@portal.example", ["calls@portal.example"], mail_of()) == {}
    assert InboundMail.objects.count() == 1


# One mail on standard input ------------------------------------------------------------------------


class Input:
    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)


@pytest.mark.django_db(transaction=True)
def test_a_pipe_transport_hands_in_one_mail(monkeypatch):
    monkeypatch.setattr(sys, "stdin", Input(mail_of()))
    call_command("receive_mail", "--stdin", "--recipient", "calls@portal.example", "--sender", "mo@portal.example")
    mail = InboundMail.objects.get()
    assert (mail.envelope_to, mail.envelope_from) == ("calls@portal.example", "mo@portal.example")


@pytest.mark.django_db(transaction=True)
def test_a_pipe_ends_as_mail_servers_expect(monkeypatch):
    with pytest.raises(CommandError) as unknown:
        call_command("receive_mail", "--stdin", "--recipient", "x@else.example")
    monkeypatch.setattr(sys, "stdin", Input(b"x" * (mime.MOST_BYTES + 1)))
    with pytest.raises(CommandError) as large:
        call_command("receive_mail", "--stdin")
    connection.close()
    take_away_the_database(monkeypatch)
    monkeypatch.setattr(sys, "stdin", Input(mail_of()))
    with pytest.raises(CommandError) as away:
        call_command("receive_mail", "--stdin")
    assert [error.value.returncode for error in (unknown, large, away)] == [67, 65, 75]


# A command that ends -------------------------------------------------------------------------------

ENDING = """
import time
from celery import current_app
from members.mail import wakeup

def send(task, **options):
    time.sleep(0.3)
    print(task, flush=True)

current_app.send_task = send
wakeup.wake("members.tasks.read_mail")
"""


def test_a_command_that_ends_wakes_the_worker_before(db):
    """`receive_mail --stdin` stores one mail and ends; read_mail must not wait for the next tick."""
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["members.tasks.read_mail"]
