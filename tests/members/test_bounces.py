"""Mail that comes back stops the address, whichever way the news comes, and nobody else can stop it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from anymail.signals import AnymailTrackingEvent, tracking
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from committees.joining.messages import tell_joined
from events.schedule import scheduling
from members import tasks
from members.accounts.messages import send_sign_in_code
from members.mail import decision, reply_addresses
from members.mail.emails import message_id
from members.mail.incoming import inbox, statuses
from members.mail.kinds import registry
from members.mail.outgoing.smtp import envelope_sender
from members.mail.outgoing.worker import deliver
from members.mail.suppression import CAME_BACK
from members.mail_desk import failed
from members.mail_desk.explain import explain
from members.models import AuditEntry, Delivery, InboundMail, Suppression
from tests.members import bounce_mails as mails
from tests.members.test_ways_in import SECRET, mounted, provider

__all__ = ["provider"]

pytestmark = pytest.mark.django_db
REFUSAL = "550 5.1.1 <mo@portal.example>: User unknown"


@pytest.fixture
def sent(mo) -> Delivery:
    """A mail to Mo that the mail server took."""
    tell_joined(mo.memberships.get())
    Delivery.objects.update(state="sent", sent_at=Now())
    return Delivery.objects.get()


def come_back(mail: str, delivery: Delivery, *, tag: str | None = None, quoted: str | None = None) -> InboundMail:
    """Let the report come in, to the envelope sender of the delivery and quoting its Message-ID."""
    to = envelope_sender(delivery.pk) if tag is None else tag
    raw = mail.replace("{tag}", to).replace("{id}", message_id(delivery) if quoted is None else quoted)
    stored, _new = inbox.store(raw.encode(), "local", envelope_to=to, envelope_from="")
    inbox.process()
    stored.refresh_from_db()
    return stored


def stopped() -> list[tuple[str, str, str]]:
    return list(Suppression.objects.open().values_list("address", "reason", "detail"))


NO_DOMAIN = "the part after the @ takes no email."
NO_MAILBOX = ("mo@portal.example", "bounce", "the mailbox doesn’t exist.")


# Reports by mail -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["POSTFIX", "GMAIL", "EXCHANGE_ONLINE", "QMAIL", "EXIM", "OLD_EXCHANGE"])
def test_a_report_in_any_shape_stops_the_address(sent, mo, shape):
    mail = come_back(getattr(mails, shape), sent)
    assert (mail.state, mail.person) == ("done", mo), mail.outcome + mail.last_error
    row = Suppression.objects.get()
    assert (row.address, row.reason, row.delivery) == ("mo@portal.example", "bounce", sent)
    assert row.detail in (NO_MAILBOX[2], NO_DOMAIN)


@pytest.mark.parametrize(
    ("status", "reply", "gone"),
    [
        ("5.1.1", "550 5.1.1 User unknown", True),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("5.1.351", "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable", True),
        ("5.1.351", "550 5.1.351 Remote server returned -> 550 5.1.1 <x@y.example>: bad destination", True),
        ("5.1.350", "550 5.1.350 Remote server returned invalid recipient address", True),
        ("5.0.350", "550 5.0.350 Remote server returned an error -> 550 No such user here", True),
        ("5.0.350", "550 5.0.350 Remote server returned an error -> 550 5.7.1 blocked by policy", False),
        ("5.1.351", "550 5.1.351 Remote server returned an error -> 552 5.2.2 mailbox full", False),
        ("5.4.310", "550 5.4.310 DNS domain nowhere.example does not exist", True),
        ("5.4.316", "550 5.4.316 Message expired, connection refused", False),
        ("5.4.300", "550 5.4.300 Message expired -> 451 4.4.1 timed out", False),
        ("5.7.606", "550 5.7.606 Access denied, banned sending IP: user unknown", False),
        ("5.2.122", "550 5.2.122 The recipient has exceeded their limit for messages", False),
        ("5.1.0", "556 5.1.0 Domain nowhere.example does not accept mail (nullMX)", True),
        ("", "556 nowhere.example: Null MX", True),
        ("5.1.2", "Host unknown", True),
        ("5.4.4", "Name service error for name=nowhere.example type=AAAA: Host not found", True),
        ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", True),
        (
            "5.2.1",
            "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery",
            False,
        ),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", True),
        ("5.4.1", "550 5.4.1 No answer from host", False),
        ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable", True),
        ("5.0.0", "550 5.1.1 <x@y.example>... User unknown", True),
        ("5.0.0", "550 5.7.1 Message rejected as spam", False),
        ("5.3.0", "554 5.3.0 unknown mailer error 1", False),
        ("", "550 No such user here", True),
        ("", "550 Message rejected by policy: unknown user reputation", False),
        ("", "450 No such user here, for now", False),
        ("5.2.2", "552 5.2.2 Over quota", False),
        ("5.7.1", "550 5.7.1 Our system has detected that this message is likely unsolicited mail", False),
        ("5.7.1", "550 5.7.1 user unknown or not permitted", False),
        ("5.1.8", "553 5.1.8 Sender domain does not exist", False),
        ("4.4.7", "Message expired", False),
        ("4.2.2", "452 4.2.2 mailbox full", False),
        ("5.3.4", "552 5.3.4 Message too big", False),
        ("5.4.6", "Hop count exceeded - possible mail loop", False),
    ],
)
def test_only_what_lies_in_the_address_stops_it(sent, status, reply, gone):
    assert statuses.is_gone(status, reply) == gone
    mail = come_back(mails.failed(status or "5.0.0", reply), sent)
    assert (mail.state, bool(stopped())) == ("done", gone if status else statuses.is_gone("5.0.0", reply))


@pytest.mark.parametrize(
    ("status", "reply", "sentence"),
    [
        (
            "5.1.10",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            NO_MAILBOX[2],
        ),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.InvalidInSmtp; no such user", NO_MAILBOX[2]),
        ("5.1.10", "556 5.1.10 Recipient address has null MX", NO_DOMAIN),
        ("5.1.10", "", NO_DOMAIN),
        ("5.1.0", "556 5.1.0 Domain nowhere.example does not accept mail (nullMX)", NO_DOMAIN),
        ("5.1.2", "550 5.1.2 Host unknown", NO_DOMAIN),
        ("5.4.310", "550 5.4.310 DNS domain nowhere.example does not exist", NO_DOMAIN),
        ("5.1.351", "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable", NO_MAILBOX[2]),
        ("5.1.351", "550 5.1.351 -> 552 5.2.2 quota exceeded", "the mailbox is full."),
        ("5.0.350", "550 5.0.350 -> 550 5.7.1 rejected", "the mail server refused it by its rules."),
        ("5.1.1", "550 5.1.1 User does not exist", NO_MAILBOX[2]),
    ],
)
def test_staff_read_the_right_sentence(sent, status, reply, sentence):
    assert str(statuses.words_for(status, reply)) == sentence


@pytest.mark.parametrize(
    "mail",
    [
        mails.failed("4.4.1", "connection timed out", action="delayed"),
        mails.failed("2.0.0", "250 delivered", action="delivered"),
        mails.failed("2.0.0", "250 passed on", action="relayed"),
        mails.EXIM_WARNING,
        mails.QMAIL_LATE,
        mails.VACATION,
        mails.report("Feedback-Type: not-spam", "Original-Mail-From: <{tag}>", kind="feedback-report"),
        mails.report("Feedback-Type: auth-failure", "Original-Mail-From: <{tag}>", kind="feedback-report"),
    ],
)
def test_delays_successes_and_holidays_stop_nothing(sent, mail):
    assert come_back(mail, sent).state in ("done", "ignored")
    assert stopped() == []


def test_where_one_of_several_got_it_the_address_works(sent):
    two = mails.report(
        "Final-Recipient: rfc822; mo@portal.example\nAction: failed\nStatus: 5.1.1\n",
        "Final-Recipient: rfc822; hall@portal.example\nAction: delivered\nStatus: 2.0.0",
    )
    come_back(two, sent)
    assert stopped() == []


def test_a_copy_that_was_passed_on_to_somebody_else_stops_nothing(sent):
    mail = come_back(mails.failed("5.1.1", "550 5.1.1 User unknown", to="assistant@portal.example"), sent)
    assert stopped() == [] and "passed on" in mail.outcome
    come_back(
        mails.failed("5.1.1", "550 5.1.1 User unknown", to="Mo@mx1.portal.example").replace("report-1", "report-2"),
        sent,
    )
    assert stopped() == [NO_MAILBOX]


@pytest.mark.parametrize("shape", ["ARF", "OUTLOOK_COMPLAINT"])
def test_a_complaint_stops_the_address_too(sent, shape):
    come_back(getattr(mails, shape), sent)
    assert stopped() == [("mo@portal.example", "complaint", "it was reported as unwanted.")]


def test_the_tag_is_enough_and_the_message_id_alone_is_told_and_stops_nothing(sent):
    """Whoever got an answer to our mail has read its Message-ID there."""
    stored = come_back(mails.POSTFIX, sent, tag="calls@portal.example")
    assert stopped() == []
    assert "stops nothing by itself" in stored.outcome
    assert Delivery.objects.get().returned_at
    come_back(mails.POSTFIX.replace("report-1", "report-2"), sent, quoted="<other@elsewhere.example>")
    assert stopped() == [NO_MAILBOX]


def test_a_person_who_writes_like_a_mail_server_stops_nothing(sent):
    words = f"""From: Denise <denise@portal.example>\r\nTo: {envelope_sender(sent.pk)}\r\nSubject: Re: Joined\r\nMessage-ID: <1@portal.example>
References: {message_id(sent)}\r\n\r\nI wrote to Ana, but delivery to the following recipients failed: mailbox unavailable. 550 5.1.1 User unknown\r\n"""
    inbox.store(words.encode(), "local", envelope_to=envelope_sender(sent.pk), envelope_from="denise@portal.example")
    inbox.process()
    assert stopped() == []


def test_a_forged_report_stops_nobodys_mail(sent, mo):
    """Whoever knows the number of a delivery, the person and the call, and calls themselves a mail server."""
    wrong_tag = envelope_sender(sent.pk)[: -len("aaaa@portal.example")] + "aaaa@portal.example"
    another_purpose = reply_addresses.address(reply_addresses.ANSWER, sent.pk)
    right_id = message_id(sent)
    wrong_id = right_id[: -len("0000@portal.example>")] + "0000@portal.example>"
    another_number = right_id.replace(f"<{sent.pk}.", f"<{sent.pk + 1}.")
    tell_joined(mo.memberships.get())
    for number, (tag, quoted) in enumerate(
        [
            ("calls@portal.example", ""),
            (wrong_tag, wrong_id),
            (another_purpose, another_number),
            (f"calls+{sent.pk}@portal.example", f"<{sent.pk}@portal.example>"),
        ]
    ):
        forged = mails.POSTFIX.replace("report-1", f"forged-{number}")
        mail = come_back(forged, sent, tag=tag, quoted=quoted)
        assert (mail.state, mail.outcome) == (
            "ignored",
            "It reports about an email, and nothing in it proves that this email was ours.",
        )
    assert stopped() == []


def test_a_report_about_oneself_cannot_stop_another(sent, olga):
    """The address is the one we sent to, not the one that the report names."""
    come_back(mails.failed("5.1.1", "550 5.1.1 User unknown", to=olga.email), sent)
    assert stopped() == []
    come_back(mails.QMAIL.replace("<mo@portal.example>", f"<{olga.email}>"), sent)
    assert stopped() == [NO_MAILBOX]


def test_a_reply_that_quotes_a_report_is_no_report(sent):
    raw = mails.HEADERS + "\n> This is the mail system at host x\n> " + REFUSAL + "\n\nWhat is this?\n" + mails.ORIGINAL
    come_back(raw.replace("This is the mail system at host", "this was our"), sent)
    assert stopped() == []


def test_the_same_report_twice_and_two_reports_of_one_mail_stop_once(sent, mo):
    come_back(mails.POSTFIX, sent)
    come_back(mails.POSTFIX, sent)
    come_back(mails.GMAIL.replace("report-1", "report-2"), sent)
    assert Suppression.objects.count() == InboundMail.objects.count() - 1 == 1


@pytest.mark.parametrize(
    "raw",
    [
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\n\n--b--",
        "Content-Type: multipart/report; report-type=delivery-status\n\nno parts",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\n\0\n--b--",
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 9999999999.1.1\n\n--b--",
        "Content-Type: message/rfc822\n\n" * 40 + "x",
        "X-Failed-Recipients: " + "a@b.example, " * 5000 + "\n\n" + "@" * 5000,
    ],
)
def test_hostile_reports_do_no_harm(sent, raw):
    mail = come_back("To: {tag}\nMessage-ID: <hostile@x.example>\n" + raw, sent)
    assert mail.state in ("done", "ignored", "failed") and stopped() == []


# After that ------------------------------------------------------------------------------------------------


def test_nothing_more_is_sent_there_except_a_code_that_somebody_waits_for(smtp, sent, mo, committee, carla):
    come_back(mails.POSTFIX, sent)
    smtp.received.clear()
    start = timezone.localtime(timezone.now() + timedelta(days=2), timezone.get_default_timezone())
    call = scheduling.schedule(
        committee,
        carla,
        title="Fair workweek",
        timezone="America/New_York",
        local_date=start.date(),
        local_time=start.time(),
    )
    scheduling.cancel(call, carla, "No room")
    send_sign_in_code("MO@portal.example", mo, "48172046")
    deliver()
    assert [mail.recipient for mail in smtp.received if mail.recipient.lower() == mo.email] == ["MO@portal.example"]
    rows = Delivery.objects.filter(recipient=mo).exclude(kind__in=["joined", "sign_in_code"])
    assert {row.state for row in rows} == {"suppressed"}
    row = rows.get(kind="cancelled")
    assert (row.reason, explain(row)) == (str(CAME_BACK.words),) * 2
    assert len(smtp.to(carla.email)) > 0


def test_a_complaint_lets_through_what_answers_ones_own_acts(smtp, sent, mo):
    come_back(mails.ARF, sent)
    kinds = {
        kind: [str(stop.words) for stop in decision.suppression_rules(notice)] for kind, notice in registry.items()
    }
    assert "Our mail was reported as unwanted from this address." in kinds["moved"]
    assert "Our mail was reported as unwanted from this address." in kinds["reminder"]
    assert "Our mail was reported as unwanted from this address." not in kinds["rsvp_confirmation"]
    Delivery.objects.update(state="queued", next_try_at=Now())
    assert deliver() == {"sent": 1}


def test_whoever_changes_the_address_is_free_and_the_old_one_stays_stopped(smtp, sent, mo):
    mo.change_email("mo@new.example")
    come_back(mails.POSTFIX, sent)
    assert stopped() == [NO_MAILBOX]
    Delivery.objects.update(state="queued", next_try_at=Now())
    assert deliver() == {"sent": 1} and len(smtp.to("mo@new.example")) == 1


def test_mail_to_an_address_without_account_is_stopped_too(smtp, sent):
    Suppression.stop("Stranger@Portal.example", "bounce", "the mailbox doesn’t exist.")
    send_sign_in_code("stranger@portal.EXAMPLE", None, "48172046")
    assert deliver() == {"suppressed": 1}


def test_the_verdict_is_one_statement_and_probes_an_index(sent, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert decision.why_not(sent) == ""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    asked = decision.with_decision_fields(registry["joined"]).filter(pk=sent.pk)
    assert asked.values_list("pk", decision.of(registry["joined"])).explain().count("using suppression_open_once") == 1


def test_what_was_sent_and_came_back_says_so(sent):
    come_back(mails.failed("5.2.2", "552 5.2.2 Mailbox full"), sent)
    sent.refresh_from_db()
    assert explain(sent).endswith("it came back: the mailbox is full.") and stopped() == []


# It works again --------------------------------------------------------------------------------------------


def test_whoever_lifts_it_is_written_down_and_old_news_do_not_count_any_more(sent, mo, stu):
    come_back(mails.POSTFIX, sent)
    row = Suppression.objects.get()
    assert row.lift(stu) and not row.lift(stu)
    entry = AuditEntry.objects.get(verb="resumed mail")
    assert (entry.actor, entry.target) == (stu, mo)
    assert not Suppression.stop(mo.email, "bounce", "late", happened_at=timezone.now() - timedelta(hours=1))
    come_back(mails.GMAIL.replace("report-1", "report-2"), sent)  # of the same mail
    assert stopped() == []
    assert Suppression.stop(mo.email, "bounce", "again", happened_at=timezone.now() + timedelta(minutes=1))


def test_a_bounce_after_a_complaint_stops_more(sent):
    come_back(mails.ARF, sent)
    come_back(mails.POSTFIX.replace("report-1", "report-2"), sent)
    assert stopped() == [NO_MAILBOX]
    assert not Suppression.stop("mo@portal.example", "complaint", "x")


# A provider's webhooks ---------------------------------------------------------------------------------------


def track(event_type: str, **about) -> None:
    about = {
        "timestamp": datetime.now(UTC),
        "esp_event": {},
        "recipient": "Mo@portal.example",
        "message_id": None,
    } | about
    tracking.send(sender=None, event=AnymailTrackingEvent(event_type=event_type, **about), esp_name="Test")


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"mta_response": "550 5.1.1 User unknown", "reject_reason": "bounced"}, True),
        ({"mta_response": "smtp; 550 5.2.2 Over quota", "reject_reason": "bounced"}, False),
        ({"mta_response": "550 5.7.1 Blocked", "reject_reason": "blocked"}, False),
        ({"description": "The account does not exist", "reject_reason": "bounced"}, True),
        ({"reject_reason": "bounced", "esp_event": {"Type": "SoftBounce"}}, False),
        ({"reject_reason": "bounced", "esp_event": {"bounce": {"bounceType": "Transient"}}}, False),
        ({"reject_reason": "timed_out"}, False),
        ({"reject_reason": "invalid"}, True),
    ],
)
def test_a_providers_bounce_counts_by_the_same_table(sent, about, expected):
    track("bounced", message_id=message_id(sent), **about)
    assert (stopped() == [NO_MAILBOX]) == expected
    sent.refresh_from_db()
    assert sent.returned_at is not None


@pytest.mark.parametrize(
    ("event_type", "about", "reason"),
    [
        ("rejected", {"reject_reason": "bounced"}, "refused"),
        ("rejected", {"reject_reason": "spam"}, "complaint"),
        ("rejected", {"reject_reason": "blocked"}, None),
        ("complained", {"reject_reason": "spam"}, "complaint"),
        ("deferred", {"mta_response": "450 4.2.1 later", "reject_reason": "bounced"}, None),
        ("delivered", {}, None),
        ("opened", {}, None),
        ("failed", {}, None),
    ],
)
def test_other_news_of_a_provider(sent, event_type, about, reason):
    track(event_type, **about)
    assert [row[1] for row in stopped()] == ([reason] if reason else [])


@pytest.mark.parametrize(
    "about",
    [
        lambda mail_id: {"message_id": mail_id},
        lambda mail_id: {"message_id": mail_id.strip("<>")},
        lambda mail_id: {"message_id": "provider-1", "esp_event": {"smtp-id": mail_id}},
        lambda mail_id: {
            "message_id": "provider-1",
            "esp_event": {"message": {"headers": {"message-id": mail_id[1:-1]}}},
        },
    ],
)
def test_the_delivery_is_found_by_its_message_id_wherever_the_provider_has_it(sent, about):
    for _time in range(2):
        track("bounced", mta_response=REFUSAL, reject_reason="bounced", **about(message_id(sent)))
    assert Suppression.objects.get().delivery == sent


def webhook(client: Client, name: str, fields: object):
    return client.post(
        f"/webhooks/mail/{name}/tracking/",
        fields,
        content_type="application/json",
        headers={"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"},
    )


def test_a_postmark_bounce_comes_in_over_the_webhook_twice(provider, sent):
    bounce = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "ID": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "Email": "mo@portal.example",
        "BouncedAt": "2026-11-05T16:33:54.9070259Z",
    }
    assert [webhook(provider, "postmark", bounce).status_code for _time in range(2)] == [200, 200]
    assert stopped() == [NO_MAILBOX]
    soft = bounce | {"Type": "SoftBounce", "Email": "olga@portal.example", "Details": "smtp;452 4.2.2 Mailbox full"}
    assert webhook(provider, "postmark", soft).status_code == 200
    assert stopped() == [NO_MAILBOX]


def test_a_batch_of_sendgrid_events_costs_no_more_for_those_that_mean_nothing(
    settings, sent, django_assert_max_num_queries
):
    about = {"email": "mo@portal.example", "timestamp": 1764000000, "smtp-id": message_id(sent), "sg_event_id": "x"}
    events = [about | {"event": "delivered"}, about | {"event": "open"}] * 100
    bounce = about | {"event": "bounce", "reason": "550 5.1.1 User unknown", "status": "5.1.1"}
    with mounted(settings, SECRET, "sendgrid") as provider, django_assert_max_num_queries(12):
        assert webhook(provider, "sendgrid", [*events, bounce]).status_code == 200
    assert Suppression.objects.get().delivery == sent


def test_whoever_does_not_know_the_secret_stops_nobody(provider, sent):
    bounce = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "mo@portal.example"}
    assert (
        provider.post("/webhooks/mail/postmark/tracking/", bounce, content_type="application/json").status_code == 400
    )
    assert stopped() == []


def test_an_event_without_an_address_or_from_the_future_does_no_harm(sent, mo):
    for recipient in (None, "", "no address", "x" * 300 + "@portal.example"):
        track("bounced", mta_response=REFUSAL, reject_reason="bounced", recipient=recipient)
    assert stopped() == []
    ahead = datetime.now(UTC) + timedelta(days=1)
    for _time in range(2):
        track("bounced", mta_response=REFUSAL, reject_reason="bounced", timestamp=ahead)
    assert Suppression.objects.get().happened_at < ahead


def test_events_that_come_again_after_it_works_again_change_nothing(sent, mo):
    at = datetime.now(UTC)
    track("bounced", mta_response=REFUSAL, reject_reason="bounced", timestamp=at)
    Suppression.objects.get().lift(mo)
    track("bounced", mta_response=REFUSAL, reject_reason="bounced", timestamp=at)
    assert stopped() == [] and Suppression.objects.count() == 1


def test_unsubscribing_at_the_provider_stops_that_kind_from_that_committee(mo, committee):
    row = Delivery.objects.create(recipient=mo, kind="reminder", about="meeting:1", scope=committee.scope)
    track("unsubscribed", message_id=message_id(row), reject_reason="unsubscribed")
    assert list(mo.notification_preferences.values_list("kind", "scope", "cadence")) == [
        ("reminder", committee.scope, "never")
    ]
    assert stopped() == []


# Refused in the conversation ---------------------------------------------------------------------------------


def refuse(smtp, mo, olga, reply: str) -> Delivery:
    """A mail to Mo that is refused for good: before and after other mail is taken."""
    smtp.at_recipient[mo.email] = reply
    tell_joined(mo.memberships.get())
    deliver()
    tell_joined(olga.memberships.get())
    deliver()
    Delivery.objects.filter(recipient=mo).update(next_try_at=Now())
    deliver()
    return Delivery.objects.get(recipient=mo)


def test_an_address_that_the_server_refuses_is_stopped(smtp, mo, olga):
    row = refuse(smtp, mo, olga, REFUSAL)
    assert row.state == "failed"
    for _time in range(2):
        tasks.plan()
    assert stopped() == [("mo@portal.example", "refused", "the mailbox doesn’t exist.")]
    Suppression.objects.get().lift(mo)
    tasks.plan()
    assert stopped() == []


def test_what_staff_send_again_and_is_refused_again_stops_the_address_again(smtp, mo, olga, stu):
    row = refuse(smtp, mo, olga, REFUSAL)
    tasks.plan()
    Suppression.objects.get().lift(stu)
    failed.send_again(stu, Delivery.objects.filter(pk=row.pk))
    deliver()
    Delivery.objects.filter(recipient=olga).update(sent_at=Now(), next_try_at=Now() + timedelta(minutes=5))
    Delivery.objects.filter(recipient=mo).update(next_try_at=Now())
    deliver()
    tasks.plan()
    assert stopped() == [("mo@portal.example", "refused", "the mailbox doesn’t exist.")]
    assert Suppression.objects.count() == 2


def test_a_refusal_for_another_reason_stops_nothing(smtp, mo, olga):
    assert refuse(smtp, mo, olga, "550 5.7.1 We do not like you").state == "failed"
    tasks.plan()
    assert stopped() == []


def test_a_refusal_that_the_pipeline_does_not_believe_stops_nothing(smtp, mo):
    smtp.at_recipient[mo.email] = REFUSAL
    tell_joined(mo.memberships.get())
    deliver()
    tasks.plan()
    assert stopped() == [] and Delivery.objects.get().state == "queued"


# The envelope ------------------------------------------------------------------------------------------------


def test_the_envelope_sender_says_which_delivery_comes_back(settings, sent):
    settings.MAIL_BOUNCE_ADDRESS = "bounces@back.example"
    address = envelope_sender(sent.pk)
    assert address.startswith(f"bounces+{sent.pk}.") and address.endswith("@back.example")
    assert reply_addresses.read(reply_addresses.BOUNCE, address) == (sent.pk,)
    settings.MAIL_BOUNCE_ADDRESS = ""
    assert envelope_sender(sent.pk) == "calls@portal.example"


def test_mail_goes_with_that_envelope_sender(smtp, sent):
    Delivery.objects.update(state="queued", next_try_at=Now())
    deliver()
    assert smtp.senders == [envelope_sender(sent.pk)]
