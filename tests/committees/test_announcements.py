"""Announcements: written, sent once, read by those they are for."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils.timezone import now

from committees.announcements.announcing import announce, outcome
from committees.models import Announcement, Membership, WrittenMeanwhile
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, BulkSend, Delivery, NotificationPreference, Office, StaffAppointment
from tests.access_world import make_announcement
from tests.factories import CommitteeFactory, JurisdictionFactory, MembershipFactory, UserFactory
from tests.pipeline import forward

pytestmark = pytest.mark.django_db

WORDS = {
    "headline": "The model ordinance & you",
    "body": "Read **draft 4** this week.\n\n- [Draft](https://portal.example/d)",
}


@pytest.fixture
def draft(committee, carla) -> Announcement:
    return Announcement.begin(carla, committee, by_staff=False, **WORDS)


@pytest.fixture
def ola(db):
    """A staff organizer."""
    ola = UserFactory(name="Ola Organizer", email="ola@portal.example")
    ola.appoint(StaffAppointment.Role.ORGANIZER)
    return ola


def headlines(announcements) -> list[str]:
    return [each.headline for each in announcements]


# The mail ------------------------------------------------------------------------------------------


def test_everybody_on_the_committee_gets_it_once(smtp, draft, carla, mo, olga):
    assert announce(draft, carla) and not announce(draft, carla)
    deliver()
    assert sorted(mail.recipient for mail in smtp.received) == [carla.email, mo.email]
    assert AuditEntry.objects.filter(verb="announced").count() == 1


def test_its_subject_is_the_headline_and_its_preheader_the_first_line(smtp, draft, carla, mo):
    announce(draft, carla)
    deliver()
    mail = smtp.to(mo.email)[0].message
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert mail["Subject"] == "The model ordinance & you"
    assert mail["From"].addresses[0].display_name == "Economic Justice at Local Progress"
    assert ">Read draft 4 this week.&nbsp;" in html and "<strong>draft 4</strong>" in html
    assert "Read **draft 4** this week." in text and "https://portal.example/d" in text and carla.name in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_answers_go_to_the_co_chairs_and_to_staff_where_there_are_none(smtp, draft, carla, mo):
    announce(draft, carla)
    deliver()
    committee = draft.committee
    later = Announcement.begin(carla, committee, by_staff=False, **WORDS)
    announce(later, carla)
    committee.memberships.get(user=carla).end(carla)
    deliver()
    first, second = (mail.message.get_body(("plain",)).get_content() for mail in smtp.to(mo.email))
    assert f"Reply, and it goes to {carla.name} through us." in first
    assert "Reply, and staff read it." in second


def test_to_all_members_it_comes_from_the_organization(smtp, ola, mo, olga, ana):
    announce(Announcement.begin(ola, None, by_staff=True, **WORDS), ola)
    deliver()
    assert sorted(mail.recipient for mail in smtp.received) == sorted([mo.email, ola.email, olga.email])
    mail = smtp.to(mo.email)[0].message
    assert mail["From"].addresses[0].display_name == "Local Progress"
    assert "because you’re a member of Local Progress" in mail.get_body(("plain",)).get_content()


def test_staff_may_write_to_those_who_serve_in_a_state_or_a_kind_of_office(ola, mo, olga):
    Office.objects.create(user=mo, title="Commissioner", level="county", jurisdiction=JurisdictionFactory(state="NM"))
    Office.objects.create(user=olga, title="Council Member", level="city", jurisdiction=JurisdictionFactory(state="NM"))

    def audience(**segment):
        return set(Announcement.begin(ola, None, by_staff=True, **segment).audience())

    assert audience(state="NM") == {mo, olga}
    assert audience(state="NM", level="county") == {mo}
    assert audience(level="school") == set()


def test_turning_one_kind_off_leaves_the_other(smtp, draft, carla, mo, ola):
    NotificationPreference.objects.create(user=mo, kind="announcement", scope=draft.scope, cadence="never")
    announce(draft, carla)
    announce(Announcement.begin(ola, None, by_staff=True, **WORDS), ola)
    deliver()
    assert [mail.message["From"].addresses[0].display_name for mail in smtp.to(mo.email)] == ["Local Progress"]


def test_what_was_taken_back_and_written_for_others_is_not_shown_to_its_first_readers(ola, mo, olga):
    for who, state in ((mo, "NM"), (olga, "AZ")):
        Office.objects.create(
            user=who, title="Council Member", level="city", jurisdiction=JurisdictionFactory(state=state)
        )
    first = Announcement.begin(ola, None, by_staff=True, state="NM", **WORDS)
    announce(first, ola)
    first.take_back(ola)
    Announcement.objects.filter(pk=first.pk).update(state="AZ")
    first.refresh_from_db()
    announce(first, ola)
    Announcement.objects.update(sent_at=now() - timedelta(minutes=2))
    readers = [who for who in (mo, olga) if Announcement.objects.visible_to(who).exists()]
    assert readers == [olga]


def test_who_left_the_committee_and_what_was_taken_back_are_void(draft, carla, mo):
    announce(draft, carla)
    draft.committee.memberships.get(user=mo).end(by=mo)
    deliver()
    assert Delivery.objects.get(recipient=mo).reason == "The person is not on the committee."
    again = Announcement.begin(carla, draft.committee, by_staff=False, **WORDS)
    announce(again, carla)
    again.take_back(carla)
    deliver()
    assert Delivery.objects.get(about=again.about).reason == "The announcement was taken back."
    assert again.is_draft


@pytest.mark.parametrize("words", ["Dear {{ name }},", "{% if x %}", "Hi *|FNAME|*", "half {{ open"])
def test_a_placeholder_stops_it_before_anything_is_sent(draft, carla, words):
    draft.write(seen=0, body=words)
    draft.refresh_from_db()
    with pytest.raises(ValidationError) as refusal:
        announce(draft, carla)
    assert "looks like a placeholder" in refusal.value.messages[0]
    assert draft.is_draft and not Delivery.objects.exists()


def test_how_it_went_is_counted_by_reason(draft, carla, mo, committee):
    weekly, never = UserFactory(), UserFactory()
    for person, cadence in ((weekly, "weekly"), (never, "never")):
        MembershipFactory(committee=committee, user=person)
        NotificationPreference.objects.create(user=person, kind="announcement", cadence=cadence)
    announce(draft, carla)
    assert (outcome(draft).waiting, outcome(draft).people) == (4, 4)
    deliver()
    went = outcome(draft)
    assert (went.sent, went.waiting, went.digested, went.people) == (2, 0, 1, 4)
    assert went.others == [("suppressed", "The person turned this kind of message off.", 1)]


def test_who_got_a_staff_announcement_this_week_is_counted(ola, mo, olga, draft, carla):
    first = Announcement.begin(ola, draft.committee, by_staff=True, **WORDS)
    second = Announcement.begin(ola, None, by_staff=True, **WORDS)
    assert second.told_lately() == 0
    announce(first, ola)
    announce(draft, carla)
    deliver()
    assert second.told_lately() == 2
    Delivery.objects.update(sent_at=now() - timedelta(days=8))
    assert second.told_lately() == 0


# Drafts --------------------------------------------------------------------------------------------


def test_a_draft_may_be_unfinished_and_loses_nothing(sign_in, carla, committee):
    client = sign_in(carla)
    answer = client.post(f"/committees/{committee.slug}/announcements/new/", {"headline": " Half  a ", "body": ""})
    draft = Announcement.objects.get()
    assert answer["Location"] == f"/announcements/{draft.pk}/edit/"
    assert (draft.headline, draft.is_draft, draft.by_staff, Delivery.objects.count()) == ("Half a", True, False, 0)
    assert "Half a" in client.get(answer["Location"]).text


def test_going_on_to_the_preview_says_what_is_missing_and_keeps_the_rest(sign_in, carla, draft):
    client = sign_in(carla)
    typed = {"headline": "", "body": "Hello {{ name }}", "seen": 0, "preview": "1"}
    page = client.post(f"/announcements/{draft.pk}/edit/", typed)
    assert page.status_code == 422
    assert "Write a headline" in page.text and "“{{ name }}” looks like a placeholder" in page.text
    assert f'action="/announcements/{draft.pk}/edit/"' in page.text
    refused = client.post(f"/announcements/{draft.pk}/send/")
    assert refused.status_code == 422 and f'action="/announcements/{draft.pk}/edit/"' in refused.text
    assert not Delivery.objects.exists()


def test_two_at_the_same_draft_do_not_overwrite_each_other(sign_in, carla, draft):
    draft.write(seen=0, headline="Theirs")
    with pytest.raises(WrittenMeanwhile):
        draft.write(seen=0, headline="Mine")
    client = sign_in(carla)
    page = client.post(f"/announcements/{draft.pk}/edit/", {"headline": "Mine", "body": "x", "seen": 0})
    assert page.status_code == 409 and "Theirs" in page.text and 'value="Mine"' in page.text
    assert (
        client.post(f"/announcements/{draft.pk}/edit/", {"headline": "Mine", "body": "x", "seen": 1}).status_code == 302
    )
    draft.refresh_from_db()
    assert draft.headline == "Mine"


def test_what_was_sent_is_neither_changed_nor_thrown_away(sign_in, carla, draft):
    announce(draft, carla)
    client = sign_in(carla)
    client.post(f"/announcements/{draft.pk}/edit/", {"headline": "Other", "body": "x", "seen": 0})
    client.post(f"/announcements/{draft.pk}/discard/")
    draft.refresh_from_db()
    assert draft.headline == WORDS["headline"]
    with pytest.raises(ValidationError):
        draft.write(seen=draft.version, headline="Other")


def test_a_draft_is_thrown_away_on_request(sign_in, carla, draft):
    sign_in(carla).post(f"/announcements/{draft.pk}/discard/")
    assert not Announcement.objects.exists()


# Reading -------------------------------------------------------------------------------------------


def test_members_read_those_of_their_committees_and_to_all(committee, elsewhere, carla, mo, olga, ana, draft):
    make_announcement(committee, carla, headline="Ours", sent_at=now())
    make_announcement(elsewhere, carla, headline="Theirs", sent_at=now())
    make_announcement(None, carla, headline="All", sent_at=now())
    make_announcement(None, carla, headline="New Mexico", state="NM", sent_at=now())
    make_announcement(committee, carla, headline="In a minute", sent_at=now() + timedelta(minutes=1))

    def seen(person):
        return set(headlines(Announcement.objects.visible_to(person)))

    assert seen(mo) == {"Ours", "All"}
    assert seen(olga) == {"Theirs", "All"}
    assert seen(ana) == set()
    assert seen(carla) == {"Ours", "All", "In a minute", draft.headline}


def test_those_of_a_state_read_what_they_were_sent(ola, mo, olga):
    Office.objects.create(user=mo, title="Commissioner", level="county", jurisdiction=JurisdictionFactory(state="NM"))
    announce(Announcement.begin(ola, None, by_staff=True, state="NM", **WORDS), ola)
    assert Announcement.objects.visible_to(mo).count() == 1
    assert Announcement.objects.visible_to(olga).count() == 0


def test_a_confidential_committee_is_not_given_away(sign_in, mo, olga, carla):
    hidden = CommitteeFactory(confidential=True, name="Quiet Caucus")
    MembershipFactory(committee=hidden, user=mo)
    told = make_announcement(hidden, carla, sent_at=now())
    assert sign_in(mo).get(told.get_absolute_url()).status_code == 200
    client = sign_in(olga)
    assert client.get(told.get_absolute_url()).status_code == 404
    assert client.get(f"/committees/{hidden.slug}/announcements/").status_code == 404
    assert "Quiet" not in client.get("/announcements/").text


def test_what_staff_prepare_for_a_committee_is_not_its_co_chairs_to_change(sign_in, ola, carla, committee):
    theirs = Announcement.begin(ola, committee, by_staff=True, **WORDS)
    assert sign_in(carla).get(f"/announcements/{theirs.pk}/edit/").status_code == 404
    announce(theirs, ola)
    client = sign_in(carla)
    assert client.get(theirs.get_absolute_url()).status_code == 200
    assert client.get(f"/announcements/{theirs.pk}/sent/").status_code == 403


def test_the_committee_page_shows_the_newest_three_and_leads_to_the_rest(sign_in, mo, carla, committee):
    for number in range(4):
        make_announcement(committee, carla, headline=f"News {number}", sent_at=now() - timedelta(days=number))
    page = sign_in(mo).get(committee.get_absolute_url()).text
    assert [f"News {number}" in page for number in range(4)] == [True, True, True, False]
    assert f"/committees/{committee.slug}/announcements/" in page


def test_markdown_is_cleaned_in_mail_and_page(smtp, sign_in, carla, mo, committee):
    evil = Announcement.begin(carla, committee, by_staff=False, headline="<b>Hi</b>", body="<script>alert(1)</script>")
    announce(evil, carla)
    deliver()
    for html in (
        sign_in(mo).get(evil.get_absolute_url()).text,
        smtp.to(mo.email)[0].message.get_body(("html",)).get_content(),
    ):
        assert "<script>alert" not in html and "<b>Hi</b>" not in html
    assert smtp.to(mo.email)[0].message["Subject"] == "<b>Hi</b>"


# Staff ---------------------------------------------------------------------------------------------


def test_staff_choose_a_committee_or_a_segment_not_both(sign_in, ola, committee):
    Office.objects.create(
        user=ola, title="x", level="city", jurisdiction=JurisdictionFactory(kind="state", name="Colorado")
    )
    client = sign_in(ola)
    words = {"headline": "Hello", "body": "All.", "seen": 0}
    page = client.post("/staff/announcements/new/", words | {"committee": committee.pk, "state": "CO"})
    assert page.status_code == 422 and "not both" in page.text
    client.post("/staff/announcements/new/", words | {"committee": committee.pk})
    client.post("/staff/announcements/new/", words | {"state": "CO", "level": "city"})
    kept = Announcement.objects.order_by("pk").values_list("committee", "state", "level", "by_staff")
    assert list(kept) == [(committee.pk, "", "", True), (None, "CO", "city", True)]


def test_membership_staff_read_the_list_and_write_nothing(sign_in, stu, draft, carla):
    client = sign_in(stu)
    page = client.get("/staff/announcements/").text
    assert draft.headline.replace("&", "&amp;") in page and "New announcement" not in page
    assert client.get("/staff/announcements/new/").status_code == 403


def test_staff_go_on_from_how_it_went_to_each_message(sign_in, stu, draft, carla, mo, ola):
    announce(draft, carla)
    announce(Announcement.begin(ola, None, by_staff=True, **WORDS), ola)
    client = sign_in(stu)
    address = f"/staff/messages/?kind=announcement&about=announcement%3A{draft.pk}"
    assert address.replace("&", "&amp;") in client.get(f"/announcements/{draft.pk}/sent/").text
    page = client.get(address).text
    assert mo.name in page and ola.name not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_any_number_of_rows(
    sign_in, stu, mo, carla, committee, rows, django_assert_num_queries
):
    for _ in range(rows):
        make_announcement(committee, UserFactory(), sent_at=now())
        make_announcement(None, UserFactory(), by_staff=True)
    desk, member = sign_in(stu), sign_in(mo)
    member.get(committee.get_absolute_url())  # the headcount is kept for a while
    for client, address, queries in (
        (desk, "/staff/announcements/", 7),
        (member, "/announcements/", 3),
        (member, f"/committees/{committee.slug}/announcements/", 5),
    ):
        with django_assert_num_queries(queries):
            client.get(address)


def test_a_former_chair_is_out(sign_in, carla, draft):
    seat = Membership.objects.get(user=carla)
    seat.end(by=carla)
    client = sign_in(carla)
    assert client.get(f"/announcements/{draft.pk}/edit/").status_code == 404
    assert client.post(f"/announcements/{draft.pk}/send/").status_code == 404


# Preview and Undo ------------------------------------------------------------------------------------


def sent(page) -> dict:
    """What the form of a preview posts."""
    return {"fingerprint": page.context["preview"].fingerprint, "send": "1"}


def test_the_preview_says_who_gets_it_and_sends_exactly_that(smtp, sign_in, carla, mo, draft):
    NotificationPreference.objects.create(user=carla, kind="announcement", cadence="never")
    client = sign_in(carla)
    typed = {"headline": "Come to Denver", "body": "In June.", "seen": 0, "preview": "1"}
    page = client.post(f"/announcements/{draft.pk}/edit/", typed)
    assert "1 person gets this email" in page.text and "Send to 1 person" in page.text
    assert "1: The person turned this kind of message off." in page.text and "Come to Denver" in page.text
    assert not Delivery.objects.exists()
    draft.refresh_from_db()
    assert draft.is_draft
    answer = client.post(page.context["action"], sent(page))
    assert answer["Location"] == f"/announcements/{draft.pk}/sent/"
    deliver()
    assert [mail.message["Subject"] for mail in smtp.received] == ["Come to Denver"]
    result = client.get(answer["Location"]).text
    assert "The person turned this kind of message off." in result and "Come to Denver" in result
    client.post(page.context["action"], sent(page))
    assert Delivery.objects.count() == 2


def test_a_draft_that_changed_since_the_preview_is_shown_again(sign_in, carla, mo, draft):
    client = sign_in(carla)
    page = client.post(f"/announcements/{draft.pk}/send/")
    draft.write(seen=0, headline="Somebody else’s words")
    again = client.post(page.context["action"], sent(page))
    assert again.status_code == 409 and "Something changed since you looked" in again.text
    assert not Delivery.objects.exists()


def test_undo_makes_it_a_draft_again_and_it_can_be_sent_anew(smtp, settings, sign_in, carla, mo, draft):
    settings.MAIL_HOLD_OVER = 1
    client = sign_in(carla)
    page = client.post(f"/announcements/{draft.pk}/send/")
    assert "It waits for a minute" in page.text
    client.post(page.context["action"], sent(page))
    assert deliver() == {}
    assert "Goes to 2 people in" in client.get(f"/announcements/{draft.pk}/sent/").text
    assert sign_in(mo).get(draft.get_absolute_url()).status_code == 404
    client.post(f"/sendings/{BulkSend.objects.get().pk}/undo/")
    draft.refresh_from_db()
    assert draft.is_draft and deliver() == {}
    draft.write(seen=0, headline="Better words")
    page = client.post(f"/announcements/{draft.pk}/send/")
    assert "2 people get this email" in page.text
    client.post(page.context["action"], sent(page))
    forward(2)
    deliver()
    assert [mail.message["Subject"] for mail in smtp.to(mo.email)] == ["Better words"]


def test_staff_are_warned_when_people_got_an_announcement_this_week(sign_in, ola, mo, olga):
    announce(Announcement.begin(ola, None, by_staff=True, **WORDS), ola)
    deliver()
    second = Announcement.begin(ola, None, by_staff=True, **WORDS)
    page = sign_in(ola).post(f"/announcements/{second.pk}/send/").text
    assert "3 people on this list got a staff announcement in the last 7 days." in page
