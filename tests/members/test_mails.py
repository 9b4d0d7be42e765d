"""Every kind of message, as it arrives."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import time as time_of_day
from datetime import timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from committees.announcements import announcing
from committees.joining import requests as joining
from committees.models import Announcement, Committee
from events.agenda import publishing
from events.answers import nudging
from events.answers.answering import respond
from events.messages.answers import ask_again
from events.messages.invitations import Invitation
from events.models import AgendaItem
from events.schedule import scheduling
from members.accounts import messages
from members.applications import admission
from members.applications.messages import send_application_code
from members.mail import reply_addresses
from members.mail.kinds import Class, choosable, registry
from members.mail.letters import KEY, Letter, Letters, message_id
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.mail.rendering import write_mails
from members.models import Delivery
from tests.factories import CommitteeFactory, JurisdictionFactory, MembershipFactory, UserFactory
from tests.pipeline import DAY, MONDAY, TUESDAY, call_in, forward, summarize

pytestmark = pytest.mark.django_db


class Reader(HTMLParser):
    """The links, the visible words and whether every element that must be closed is."""

    VOID = {"meta", "br", "img", "hr", "input", "link"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links, self.open, self.unbalanced, self.styles = set(), [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.links.add(dict(attrs)["href"])
        if tag not in self.VOID:
            self.open.append(tag)
        self.styles += "style" in dict(attrs)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


@pytest.fixture
def everything(smtp, committee, elsewhere, carla, mo, olga, chet, ana, stu):
    """A story in which every kind is sent; nothing is sent that is not registered."""
    messages.send_sign_in_code(mo.email, mo, "48172046")
    messages.send_sign_in_code("stranger@portal.example", None, "48172046")
    messages.send_address_code("new@portal.example", mo, "48172046")
    send_application_code("applicant@portal.example", "48172046", known=False)
    send_application_code(mo.email, "48172046", known=True)
    messages.send_address_taken("taken@portal.example", mo)
    messages.tell_security_news(mo, "A passkey was added.")
    messages.tell_of_enrollment(stu, [stu])
    UserFactory(name="Ada Admin").appoint("admin")
    messages.tell_account_news(mo, "Your <membership> was ended.")
    messages.tell_administrators(stu, "%(by)s made %(name)s an <administrator>.", mo)
    messages.tell_of_wrong_steps(mo, 10)
    answers = {"title": "Council member", "jurisdiction": JurisdictionFactory(), "why": "To learn."}
    application = admission.submit(ana, "Ana Applicant", **answers)
    deliver()
    admission.decline(application, stu, "Not this time.\nBe well.")
    deliver()
    application = admission.submit(ana, "Ana Applicant", **answers)
    deliver()
    admission.approve(application, stu, "Welcome aboard.")
    Committee.objects.filter(pk=elsewhere.pk).update(join_policy="ask")
    elsewhere.refresh_from_db()
    joining.ask(elsewhere, mo, "Let me <in>")
    joining.join(committee, olga)
    deliver()
    joining.accept(mo.join_requests.get(), chet, "Gladly.")
    start = timezone.localtime(timezone.now() + timedelta(days=2), timezone.get_default_timezone())
    when = {
        "local_date": start.date(),
        "local_time": start.time().replace(second=0, microsecond=0),
        "timezone": "America/New_York",
    }
    call = scheduling.schedule(committee, carla, title="Fair workweek", video_url="https://zoom.us/j/9", **when)
    deliver()
    respond(call, mo, "going", seen=0)
    ask_again(call, carla)
    deliver()
    scheduling.edit(call, carla, dial_in="669-555-0199")
    deliver()
    scheduling.move(call, carla, reason="Hearings", **when | {"local_date": when["local_date"] + timedelta(days=1)})
    deliver()
    scheduling.cancel(call, carla, "No room")
    near = call_in(DAY - 1, committee, carla)
    plan()
    deliver()
    AgendaItem.add(near, carla, title="Wage theft: what's next", minutes=15)
    publishing.publish_agenda(near, carla)
    nudging.nudge(call_in(4 * DAY, committee, carla, title="A call nobody heard of"), carla)
    for place in (committee, None):
        words = {
            "headline": "We're hiring: you can help",
            "body": "Know *somebody*?\n\n- [Apply](https://portal.example/a)",
        }
        announcing.announce(Announcement.begin(carla, place, by_staff=False, **words), carla)
    deliver()
    mo.notification_preferences.create(kind="invitation", cadence="daily")
    later = when | {"local_date": when["local_date"] + timedelta(days=30)}
    scheduling.schedule(committee, carla, title="What <rent> means", **later)
    deliver()
    for day in (TUESDAY, MONDAY):
        summarize(day)
        deliver()
    summed_up = Delivery.objects.filter(reason__startswith="It came in the summary")
    assert summed_up.delete()[0] == 1  # the rest has a mail of its own
    lee = UserFactory(name="Lee Leaver")
    Committee.objects.filter(pk=elsewhere.pk).update(join_policy="open")
    joining.join(elsewhere, lee)
    deliver()
    Invitation.tell([lee], call_in(5 * DAY, elsewhere, chet).about, dedupe_key="invitation:0")
    deliver()
    joining.leave(elsewhere, lee)
    plan()
    MembershipFactory(role="chair").end(stu)
    plan()
    for kind in ("withdrawn", "leaderless"):
        forward(5, kind=kind)
    deliver()
    return smtp.received


def test_every_kind_is_sent_and_can_be_read(everything):
    assert set(Delivery.objects.filter(state="sent").values_list("kind", flat=True)) == set(registry)
    unsent = Delivery.objects.exclude(state="sent")
    assert list(unsent.values_list("kind", "recipient__given_name", "reason")) == []


def test_every_mail_has_subject_text_and_html_and_no_defects(everything):
    for mail in everything:
        parsed = message_from_bytes(mail.raw, policy=policy.default)
        bodies = {kind: parsed.get_body((kind,)).get_content() for kind in ("plain", "html")}
        subject, text, html = parsed["Subject"], bodies["plain"], bodies["html"]
        assert subject == subject.strip() and 10 < len(subject) < 120
        assert len(text.strip().splitlines()) > 4 and len(html) > 1000
        for words in (subject, text, html):
            assert not re.search(KEY + r"|\{[{%]|None|&amp;amp;|&#x27;.*txt", words), (subject, words)
        assert "&" not in re.sub(r"https?://\S+", "", text) and "\n\n\n" not in text.replace("\r", "")
        for part in parsed.walk():
            assert part.defects == [], (subject, part.defects)
        assert max(map(len, mail.raw.splitlines())) <= 998


def test_every_mail_comes_from_the_one_address_to_one_person_and_asks_for_no_auto_reply(everything):
    """With a tag where an answer to the calendar entry comes back."""
    for mail in everything:
        (sender,) = mail.message["From"].addresses
        tagged = reply_addresses.read(reply_addresses.ANSWER, sender.addr_spec)
        assert re.sub(r"\+[^@]+", "", sender.addr_spec) == "calls@portal.example"
        assert bool(tagged) == ("+" in sender.addr_spec) == (b"text/calendar" in mail.raw)
        assert mail.message["From"].addresses[0].display_name.endswith("Local Progress")
        assert [address.addr_spec for address in mail.message["To"].addresses] == [mail.recipient]
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert mail.message["Cc"] is None and mail.message["Bcc"] is None


def test_words_that_look_like_a_mark_of_ours_are_only_words(smtp, carla, committee, mo):
    """A mark in what somebody wrote was filled once, with each reader's own token."""
    names = ("rsvp", "stop", "tag", "to", "organizer", "attendee", "message_id", "date")
    typed = " ".join(f"xMARKx{name}xMARKx" for name in names)
    start = timezone.localtime(timezone.now() + timedelta(days=5), timezone.get_default_timezone())
    when = {"local_date": start.date(), "local_time": time_of_day(19), "timezone": "America/New_York"}
    scheduling.schedule(committee, carla, title=typed[:120], summary=typed, **when)
    call = call_in(5 * DAY, committee, carla, title=typed[:120], summary=typed)
    deliver()
    asked = CommitteeFactory(join_policy="ask")
    MembershipFactory(committee=asked, user=carla, role="chair")
    joining.ask(asked, mo, typed)
    AgendaItem.add(call, carla, title=typed[:120], minutes=15)
    mo.notification_preferences.create(kind="agenda_published", cadence="at_once")
    publishing.publish_agenda(call, carla)
    announcing.announce(Announcement.begin(carla, committee, headline=typed[:90], body=typed, by_staff=False), carla)
    deliver()
    kinds = set(Delivery.objects.filter(state="sent").values_list("kind", flat=True))
    assert {"invitation", "agenda_published", "announcement", "join_request"} <= kinds
    for mail in smtp.received:
        parsed = message_from_bytes(mail.raw, policy=policy.default)
        for part in (parsed.get_body(("plain",)), parsed.get_body(("html",))):
            assert "xMARKxrsvpxMARKx" in part.get_content(), mail.raw
            for name in re.findall(r"xMARKx(.*?)xMARKx", part.get_content()):
                assert name in names


def test_every_message_id_is_the_one_of_its_delivery(everything):
    assert {mail.id for mail in everything} == {message_id(row) for row in Delivery.objects.all()}
    assert len(everything) == Delivery.objects.count()


def test_the_mail_that_travels_is_the_one_that_is_built_anew_for_each(everything):
    """What is shared and filled, against Django's own composition."""
    again = Delivery.objects.select_related("recipient").exclude(kind="daily_digest")  # what it told is told
    for mail in write_mails(again).values():
        assert mail.letter.shared, mail.delivery.kind
        travelling, built = (
            message_from_bytes(content, policy=policy.default)
            for content in (mail.content(), mail.message().message().as_bytes(linesep="\r\n"))
        )
        assert travelling["Subject"].strip() == built["Subject"].strip()
        names = ("From", "To", "Reply-To", "Message-ID", "Auto-Submitted", "List-Unsubscribe-Post")
        assert [travelling[name] for name in names] == [built[name] for name in names]
        parts = [
            [
                (part.get_content_type(), part.get_filename(), part.get_content())
                for part in message.walk()
                if not part.is_multipart()
            ]
            for message in (travelling, built)
        ]
        assert parts[0] == parts[1]


def test_text_and_html_hold_the_same_links_except_to_settings(everything):
    for mail in everything:
        text, html = (mail.message.get_body((kind,)).get_content() for kind in ("plain", "html"))
        written = set(re.findall(r"https?://\S+?(?=[\s)]|$)", text))
        links = Reader(html).links
        assert {
            link for link in links - written if "/settings/" not in link and not link.startswith("mailto:")
        } == set(), mail.message["Subject"]


def test_every_html_is_balanced_and_has_its_styles_inlined(everything):
    for mail in everything:
        reader = Reader(mail.message.get_body(("html",)).get_content())
        assert (reader.open, reader.unbalanced) == ([], [])
        assert reader.styles > 10
        html = mail.message.get_body(("html",)).get_content()
        assert html.count("<style>") == 1 and "@media (prefers-color-scheme: dark)" in html
        assert "<img" not in html and "<script" not in html


def test_what_people_wrote_is_escaped(everything):
    (mail,) = [mail for mail in everything if "asks to join" in mail.message["Subject"]]
    assert "Let me &lt;in&gt;" in mail.message.get_body(("html",)).get_content()
    assert "Let me <in>" in mail.message.get_body(("plain",)).get_content()


def test_one_click_unsubscribing_is_offered_for_what_is_optional_and_for_nothing_else(everything):
    kinds = {message_id(row): registry[row.kind] for row in Delivery.objects.all()}
    for mail in everything:
        notice, headers = kinds[mail.id], (mail.message["List-Unsubscribe"], mail.message["List-Unsubscribe-Post"])
        if notice.sort == Class.ROUTINE:
            assert re.fullmatch(r"<http://testserver/u/[\w.:-]+/>", headers[0].strip())
            assert headers[1] == "List-Unsubscribe=One-Click"
            assert headers[0].strip(" <>") in mail.message.get_body(("plain",)).get_content()
        else:
            assert headers == (None, None), notice.kind
    assert {notice.kind for notice in choosable()} == {
        "agenda_published", "announcement", "daily_digest", "invitation", "join_request", "network_announcement", "nudge",
        "reminder", "weekly_digest",
    }  # fmt: skip


def test_addresses_of_co_chairs_stay_private_unless_they_show_them(smtp, committee, carla, mo):
    call_in(DAY - 1, committee, carla)
    plan()
    deliver()
    assert smtp.to(mo.email)[0].message["Reply-To"] is None
    assert carla.email not in smtp.to(mo.email)[0].raw.decode()
    carla.profile.email_audience = "committees"
    carla.profile.save()
    call_in(DAY - 2, committee, carla)
    plan()
    deliver()
    assert smtp.to(mo.email)[1].message["Reply-To"] == carla.email
    assert "Reply and it goes to them." in smtp.to(mo.email)[1].message.get_body(("plain",)).get_content()


def test_calls_go_over_the_mailer_that_takes_calendars(everything):
    assert {kind for kind, notice in registry.items() if notice.mailer == "calendar"} == {
        "cancelled", "changed", "invitation", "moved", "nudge", "reminder", "rsvp_confirmation", "withdrawn",
    }  # fmt: skip


def test_conversations_that_want_the_same_letter_at_once_write_it_once():
    letters, written = Letters(), []

    def write() -> Letter:
        time.sleep(0.05)
        written.append(Letter("subject", "text", "html", "sender"))
        return written[-1]

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _number: letters.get("moved", write), range(4)))
    assert len(written) == 1 and all(letter is written[0] for letter in got)


def test_a_mail_names_exactly_those_whom_an_answer_reaches(smtp, committee, carla, mo, olga):
    """Of two co-chairs one keeps her address to herself."""
    MembershipFactory(committee=committee, user=olga, role="chair")
    olga.profile.email_audience = "committees"
    olga.profile.save()
    call_in(DAY - 1, committee, carla)
    plan()
    deliver()
    (mail,) = (mail.message for mail in smtp.to(mo.email))
    assert mail["Reply-To"] == olga.email
    for kind, name in (("plain", olga.name), ("html", f"<bdi>{olga.name}</bdi>")):
        words = " ".join(mail.get_body((kind,)).get_content().split())
        assert f"co-chairs. Reply and it goes to {name}." in words
