"""Emails of staff to the people of a list: written, looked at as each of them, held, paused, sent to each once."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from committees.mailings import sending
from committees.mailings.forms import HoldForm
from committees.mailings.placeholders import filled, filled_html, refuse_unknown
from committees.mailings.sending import Progress, people_of, send_out
from committees.models import Mailing
from members.mail import links, stops
from members.mail.bulk.sending import preview_act, send
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, BulkSend, Delivery, Office, Segment, StaffAppointment, Suppression, User
from tests.factories import CommitteeFactory, JurisdictionFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
TEXT = "Dear {first name},\n\nyour term as {office|an official} in {place|your city} ends **soon**."


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


@pytest.fixture
def wisconsin(mo, olga):
    """A list with Mo, Alder of Madison, and Olga, Alder of Racine."""
    for who, name in ((mo, "Madison"), (olga, "Racine")):
        place = JurisdictionFactory(state="WI", name=name)
        Office.objects.create(user=who, title="Alder", level="city", jurisdiction=place)
    return {"level": ["city"]}


def write(by: User, query: dict, **words) -> Mailing:
    return Mailing.begin(by, query=query, **{"subject": "News for {first name}", "body": TEXT} | words)


def let_go(mailing: Mailing, by: User, goes_at=None) -> Mailing:
    """Sent by the button of its preview."""

    def act() -> bool:
        return send_out(Mailing.objects.get(pk=mailing.pk), by, goes_at)

    send(act, by, fingerprint=preview_act(act, by).fingerprint)
    mailing.refresh_from_db()
    return mailing


def time_comes() -> None:
    Delivery.objects.filter(state="queued").update(next_try_at=Now(), due_at=Now())
    BulkSend.objects.update(goes_at=Now())


# Words that are each reader's own ------------------------------------------------------------------

MO = {"first name": "Mo", "name": "Mo Haddad", "office": "", "place": "Madison", "state": "Wisconsin", "term end": ""}


def test_each_reader_gets_their_own_words_or_those_behind_the_bar():
    assert filled("{First_Name}, {office|friend} of {place}: {term end|}.", MO) == "Mo, friend of Madison: ."


@pytest.mark.parametrize(
    ("words", "named", "meant"),
    [
        ("Dear {frist name},", "{frist name}", "{first name}"),
        ("Dear {{ first_name }},", "{{ first_name }}", "{first name}"),
        ("Hi *|FNAME|*", "*|FNAME|*", "{first name}"),
        ("Hi %%Last Name%%", "%%Last Name%%", "{name}"),
        ("In [[City]]", "[[City]]", "{place}"),
        ("{% if x %}", "{% if x %}", ""),
        ("half {first name", "{", ""),
        ("Pay {amount owed} now", "{amount owed}", ""),
    ],
)
def test_what_nothing_fills_in_is_named_with_what_was_meant(words, named, meant):
    with pytest.raises(ValidationError) as refusal:
        refuse_unknown(words)
    said = refusal.value.messages[0]
    assert f"“{named}”" in said
    assert f"Did you mean {meant}?" in said if meant else "There are {first name}, {name}," in said


def test_no_name_makes_a_link_or_a_tag_of_ours():
    values = MO | {"name": "Mo [x](https://evil.example) https://evil.example <b>"}
    html = filled_html("**Dear** {name} {name}", values)
    assert "<a" not in html and "&lt;b&gt;" in html and "<strong>Dear</strong>" in html
    with pytest.raises(ValidationError, match="address of a link"):
        refuse_unknown("[Here](https://portal.example/?n={name})")


def test_somebody_without_a_value_stops_it_unless_something_is_written_for_them(stu, wisconsin, ana, mo):
    lee = UserFactory(name="Lee Leaver")
    draft = write(stu, {}, body="As {office} you vote.")
    with pytest.raises(ValidationError) as refusal:
        send_out(draft, stu)
    assert "nothing for {office}" in refusal.value.messages[0] and lee.name in refusal.value.messages[0]
    assert not Delivery.objects.exists() and draft.is_draft
    draft.write(seen=0, body="As {office|a member} you vote.")
    assert send_out(Mailing.objects.get(), stu)


# Sending -------------------------------------------------------------------------------------------


def test_one_unknown_placeholder_stops_it_before_anything_is_sent(desk, stu, wisconsin, smtp):
    draft = write(stu, wisconsin, body="Dear {frist name}")
    page = desk.post(reverse("staff_mailing_send", args=[draft.pk]), follow=True)
    assert "Did you mean {first name}?" in page.content.decode()
    deliver()
    assert Mailing.objects.get().is_draft and not Delivery.objects.exists() and not smtp.received


def test_each_reads_their_own_words_once_with_a_way_to_stop_it(smtp, stu, mo, olga, wisconsin, client):
    let_go(write(stu, wisconsin), stu)
    deliver()
    deliver()
    assert sorted(mail.recipient for mail in smtp.received) == [mo.email, olga.email]
    mail = smtp.to(mo.email)[0].message
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert mail["Subject"] == "News for Mo" and "your term as Alder in Madison ends" in text
    assert "your term as Alder in Madison ends <strong>soon</strong>" in html and "{" not in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.search(r"<https?://[^/]+(/\S+)>", mail["List-Unsubscribe"])[1]
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    let_go(write(stu, wisconsin, subject="Again"), stu)
    deliver()
    assert [mail.message["Subject"] for mail in smtp.to(mo.email)] == ["News for Mo"]
    assert len(smtp.to(olga.email)) == 2


def test_who_is_left_out_is_counted_with_the_reason(stu, mo, olga, carla, chet, ana, desk):
    stops.stop(mo, Mailing.KIND, "")
    Suppression.stop(olga.email, "bounce", "gone")
    carla.leave(carla)
    chet.deactivate(stu, "Died")
    draft = write(stu, {"standing": ["everybody"]}, body="Dear {first name}")
    desk.get("/")
    preview = preview_act(lambda: send_out(Mailing.objects.get(pk=draft.pk), desk_user(stu)), stu)
    assert {each.reason: each.names for each in preview.suppressed} == {
        "The account is closed.": (chet.name,),
        "The person left the network.": (carla.name,),
        "The person is not a member.": (ana.name,),
        "Mail to this address came back: its mail server said that nobody can be reached there.": (olga.name,),
        "The person turned this kind of message off.": (mo.name,),
    }
    assert preview.people == 1


def desk_user(person: User) -> User:
    """As in a request with a second factor."""
    person.is_strongly_authenticated = True
    return person


def test_a_committee_that_somebody_may_not_see_finds_nobody_and_is_not_named(mo, stu):
    caucus = CommitteeFactory(slug="caucus", name="Quiet Caucus", confidential=True)
    MembershipFactory(committee=caucus)
    mailing = write(mo, {"committee": ["caucus"]})
    with pytest.raises(ValidationError, match="gone, or isn’t yours to see"):
        people_of(mailing, mo)
    assert "Quiet" not in sending.whom(mailing, mo)
    assert people_of(mailing, desk_user(stu)).count() == 1


def test_whom_it_goes_to_is_settled_by_the_button(smtp, stu, mo, olga, wisconsin):
    mailing = let_go(write(stu, wisconsin), stu, timezone.now() + timedelta(hours=1))
    late = UserFactory(name="Late Comer")
    Office.objects.create(user=late, title="Alder", level="city", jurisdiction=JurisdictionFactory(state="WI"))
    deliver()
    assert not smtp.received and Progress.of(mailing).state == "held"
    olga.leave(olga)
    time_comes()
    deliver()
    assert [mail.recipient for mail in smtp.received] == [mo.email]
    progress = Progress.of(mailing)
    assert (progress.state, progress.people, progress.outcome.sent) == ("done", 2, 1)
    assert progress.outcome.others == [("suppressed", "The person left the network.", 1)]


def test_a_list_that_was_changed_is_asked_as_it_stands_and_one_taken_away_stops_it(stu, wisconsin, mo, olga, chet):
    segment = Segment.keep("Cities", {"q": ["nobody at all"]}, stu, shared=True)
    mailing = write(stu, {}, segment=segment)
    segment.edit(stu, name="Cities", shared=False, query=wisconsin)
    mailing.refresh_from_db()
    assert set(people_of(mailing, stu)) == {mo, olga}
    for refused in (lambda: people_of(mailing, chet), lambda: segment.forget(stu) or people_of(mailing, stu)):
        with pytest.raises(ValidationError, match="isn’t shared with you"):
            refused()


def test_it_is_paused_goes_on_and_is_taken_back_while_nobody_has_it(smtp, stu, mo, olga, wisconsin):
    mailing = let_go(write(stu, wisconsin), stu, timezone.now() + timedelta(minutes=10))
    assert (sending.pause(mailing, stu), sending.pause(mailing, stu)) == (2, 0)
    time_comes()
    deliver()
    assert not smtp.received and (Progress.of(mailing).state, Progress.of(mailing).paused) == ("paused", 2)
    assert (sending.go_on(mailing, stu), sending.go_on(mailing, stu)) == (2, 0)
    sending.pause(mailing, stu)
    assert sending.take_back(mailing, stu).stopped == 2
    mailing.refresh_from_db()
    assert mailing.is_draft and sending.go_on(mailing, stu) == 0
    deliver()
    assert not smtp.received
    let_go(mailing, stu)
    deliver()
    assert Counter(mail.recipient for mail in smtp.received) == {mo.email: 1, olga.email: 1}
    assert sending.take_back(mailing, stu).stopped == 0 and not mailing.is_draft


def test_what_a_worker_holds_is_paused_too_and_what_is_gone_is_not(smtp, stu, mo, olga, wisconsin):
    mailing = let_go(write(stu, wisconsin), stu)
    deliver_one = Delivery.objects.get(recipient=mo)
    held = {"state": "claimed", "lease": "00000000-0000-0000-0000-000000000001"}
    Delivery.objects.filter(recipient=olga).update(next_try_at=Now() + timedelta(minutes=1), **held)
    deliver()
    deliver_one.refresh_from_db()
    assert deliver_one.state == "sent" and sending.pause(mailing, stu) == 1
    progress = Progress.of(mailing)
    assert (progress.state, progress.outcome.sent, progress.paused) == ("paused", 1, 1)
    assert not progress.may_be_taken_back
    assert (sending.take_back(mailing, stu).gone, mailing.is_draft) == (1, False)
    assert Progress.of(mailing).state == "done"


def test_a_bounce_is_counted_and_stops_further_mail_to_that_address(smtp, stu, mo, olga, wisconsin):
    first = let_go(write(stu, wisconsin), stu)
    deliver()
    Delivery.objects.filter(recipient=mo).update(returned_at=Now())
    Suppression.stop(mo.email, "bounce", "no such mailbox", delivery=Delivery.objects.get(recipient=mo))
    assert (Progress.of(first).bounced, Progress.of(first).complained) == (1, 0)
    second = let_go(write(stu, wisconsin, subject="Second"), stu)
    deliver()
    assert [mail.recipient for mail in smtp.received].count(mo.email) == 1
    assert Progress.of(second).outcome.others[0][2] == 1


def test_two_staff_at_once_send_it_once(sign_in, stu, ada, mo, olga, wisconsin):
    draft = write(stu, wisconsin)
    clients = [sign_in(stu), sign_in(ada)]
    address = f"{reverse('staff_mailing_send', args=[draft.pk])}?version=0"
    looks = [client.post(address, follow=True) for client in clients]
    fields = [{"fingerprint": look.context["preview"].fingerprint, "when": "now"} for look in looks]
    for client, typed in zip(clients, fields, strict=True):
        answer = client.post(address, typed)
        assert answer.status_code == 302 and answer["Location"] == reverse("staff_mailing", args=[draft.pk])
        client.post(address, typed)
    assert Delivery.objects.count() == 2 and BulkSend.objects.count() == 1
    assert AuditEntry.objects.filter(verb="mailed").count() == 1


def test_whoever_writes_over_words_they_have_not_seen_is_told(desk, stu, wisconsin):
    draft = write(stu, wisconsin)
    draft.write(seen=0, body="Other words.")
    page = desk.post(
        reverse("staff_mailing_edit", args=[draft.pk]), {"subject": "Mine", "body": "Mine", "seen": "0"}, follow=True
    )
    assert "Somebody saved this draft" in page.content.decode() and "Other words." in page.content.decode()
    assert Mailing.objects.get().body == "Other words."


# Its pages -----------------------------------------------------------------------------------------


def test_four_steps_lead_from_the_filter_to_the_mail(desk, stu, mo, olga, wisconsin, smtp):
    """Email this list, the text, the preview, and the button that says how many."""
    assert (
        f'href="{reverse("staff_mailing_new")}?level=city"' in desk.get("/staff/members/?level=city").content.decode()
    )
    typed = {"subject": "News for {first name}", "body": TEXT, "segment": "", "preview": "1"}
    look = desk.post(f"{reverse('staff_mailing_new')}?level=city", typed, follow=True)
    page = look.content.decode()
    assert "2 people get this email" in page and "Send to 2 people" in page and "Kind of office: City or town" in page
    sent = {"fingerprint": look.context["preview"].fingerprint, "key": str(look.context["key"]), "when": "10"}
    answer = desk.post(look.context["action"], sent, follow=True)
    assert "It waits." in answer.content.decode() and "It goes to 2 people." in answer.content.decode()
    mailing = Mailing.objects.get()
    minutes = (mailing.sending.goes_at - mailing.sending.created_at).total_seconds() / 60
    assert 9.9 < minutes <= 10 and mailing.query == {"level": ["city"]}
    assert desk.post(look.context["action"], sent)["Location"] == reverse("staff_mailing", args=[mailing.pk])
    assert Delivery.objects.count() == 2
    desk.post(reverse("staff_mailing_undo", args=[mailing.pk]))
    deliver()
    assert not smtp.received and Mailing.objects.get().is_draft


def test_it_is_looked_at_as_each_of_them_and_tried_out(desk, stu, mo, olga, wisconsin, smtp):
    draft = write(stu, wisconsin)
    page = desk.get(reverse("staff_mailing_look", args=[draft.pk, mo.pk])).content.decode()
    assert "1 of 2 on the list" in page and "News for Mo" in page and "as Alder in Madison" in page
    assert reverse("staff_mailing_look", args=[draft.pk, olga.pk]) in page and links.UNSUBSCRIBE not in page
    assert desk.get(reverse("staff_mailing_look", args=[draft.pk, stu.pk])).status_code == 404
    assert not Delivery.objects.exists()
    desk.post(reverse("staff_mailing_test", args=[draft.pk, olga.pk]))
    deliver()
    (test,) = smtp.received
    assert (test.recipient, test.message["Subject"]) == (stu.email, "Test: News for Olga")
    assert "in Racine" in test.message.get_body(("plain",)).get_content()
    assert Mailing.objects.get().is_draft


@time_machine.travel(datetime(2027, 3, 10, 12, tzinfo=ZoneInfo("America/Denver")), tick=False)
@pytest.mark.parametrize(
    ("day", "clock", "said"),
    [
        ("2027-03-12", "9:00 AM", datetime(2027, 3, 12, 16, tzinfo=UTC)),
        ("2027-03-15", "9:00 AM", datetime(2027, 3, 15, 15, tzinfo=UTC)),
        ("2027-03-14", "2:30 AM", "clocks go forward then"),
        ("2027-03-09", "9:00 AM", "That time has passed"),
        ("2028-03-09", "9:00 AM", "within two months"),
        ("", "9:00 AM", "Enter the day on which it goes"),
    ],
)
def test_a_time_to_go_is_in_the_zone_of_who_sends_it(day, clock, said):
    form = HoldForm({"when": "at", "day": day, "clock": clock}, zone="America/Denver")
    if isinstance(said, str):
        assert not form.is_valid() and said in str(form.errors)
    else:
        assert form.is_valid(), form.errors
        assert form.goes_at == said
    assert "Mountain" in str(form.fields["clock"].help_text)


def test_a_time_that_is_wrong_leaves_the_preview_standing(desk, stu, wisconsin):
    draft = write(stu, wisconsin)
    address = f"{reverse('staff_mailing_send', args=[draft.pk])}?version=0"
    look = desk.post(address, follow=True)
    typed = {"fingerprint": look.context["preview"].fingerprint, "when": "at", "day": "2020-01-01", "clock": "9:00 AM"}
    page = desk.post(address, typed, follow=True).content.decode()
    assert "That time has passed" in page and "2020-01-01" in page and "Send to 2 people" in page
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_a_fixed_number_of_queries(desk, stu, wisconsin, rows, django_assert_num_queries):
    for number in range(rows):
        write(stu, wisconsin | {"q": ["m"]})
        Mailing.begin(stu, query=wisconsin, subject=f"Sent {number}").let_go(author=stu)
    desk.get(reverse("staff_mailings"))
    with django_assert_num_queries(LIST):
        assert desk.get(reverse("staff_mailings")).status_code == 200


LIST = 7


def test_an_organizer_and_membership_staff_write_and_others_do_not(sign_in, stu, ada, mo):
    organizer = UserFactory(name="Ola Organizer")
    organizer.appoint(StaffAppointment.Role.ORGANIZER)
    answers = [sign_in(who).get(reverse("staff_mailing_new")).status_code for who in (stu, organizer, ada, mo)]
    assert answers == [200, 200, 200, 404]


def test_the_end_of_a_term_is_said_in_words(smtp, stu, mo, wisconsin):
    Office.objects.filter(user=mo).update(ended_on=date(2027, 4, 20))
    draft = write(stu, wisconsin, body="{term end|no end}")
    let_go(draft, stu)
    deliver()
    assert "April 20, 2027" in smtp.to(mo.email)[0].message.get_body(("plain",)).get_content()
