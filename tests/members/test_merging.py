"""Two accounts of one person become one, and two again: whatever is theirs comes along."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db.models import UniqueConstraint
from django.test import Client
from django.utils import timezone

from committees.models import Membership
from events.calendar import feeds
from events.models import Attendance, CalendarFeed, Rsvp
from members.applications import standing
from members.mail import links
from members.models import (
    AuditEntry,
    Delivery,
    Erasure,
    FormerAddress,
    Merge,
    NotificationPreference,
    Office,
    PossibleDuplicate,
    Tag,
    User,
)
from members.privacy import erasing
from members.roster.importing.known import find
from members.roster.merging import finding, merging, rows, rules
from members.roster.merging.merging import NotMerged, Wish, gather_late, mark, merge
from members.roster.merging.undoing import undo
from members.roster.reading.people import Person
from tests.access_world import make_world
from tests.factories import JurisdictionFactory, MeetingFactory, MembershipFactory, UserFactory
from tests.members.test_disputes import enters
from tests.members.test_sessions import is_in

pytestmark = pytest.mark.django_db
ROLE = Membership.Role


@pytest.fixture
def dana(db) -> User:
    return UserFactory(name="Dana Kim", email="dana@portal.example", last_login=timezone.now())


@pytest.fixture
def twin(db) -> User:
    return UserFactory(name="Dana M. Kim", email="dkim@portal.example", last_login=timezone.now())


def into(kept: User, merged: User, by: User, *chosen: str) -> Merge:
    return merge(Wish(kept.pk, merged.pk, frozenset(chosen)), by)


def test_every_foreign_key_to_people_has_a_rule():
    """Whoever adds one says what becomes of it when two accounts become one: in `merging` of the app."""
    pointing = set(rules.pointing_at_people())
    assert "events.Rsvp.user" in pointing and "events.AgendaItem_also_presenting.user" in pointing
    assert pointing - rules.rules.keys() == set()
    assert rules.rules.keys() - pointing == set()


def test_what_a_unique_constraint_asks_of_a_person_is_asked_of_two_that_become_one():
    """A rule that only moves would break on a constraint that names the person."""
    for name, rule in rules.rules.items():
        if rule.stays or rule.once is not None or rule.carry:
            continue
        field = rule.model._meta.get_field(rule.field)
        alone = field.unique or any(
            rule.field in each.fields or rule.field in str(each.expressions)
            for each in rule.model._meta.constraints
            if isinstance(each, UniqueConstraint) and name != "account.EmailAddress.user"  # of one that has none
        )
        assert not alone, name


def test_answers_come_along_and_of_two_the_newer_holds(dana, twin, stu, committee):
    both, only = MeetingFactory(committee=committee), MeetingFactory(committee=committee)
    for person in (dana, twin):
        MembershipFactory(committee=committee, user=person)
    Rsvp.record(both, dana, "accepted", seen=0)
    Rsvp.record(both, twin, "declined", seen=0)
    Rsvp.record(only, twin, "tentative", seen=0)
    into(dana, twin, stu)
    assert dict(Rsvp.objects.filter(user=dana).values_list("meeting", "response")) == {
        both.pk: "declined",
        only.pk: "tentative",
    }
    assert not Rsvp.objects.filter(user=twin).exists()
    assert Rsvp.objects.get(user=dana, meeting=both).answers.count() == 2


def test_an_undo_gives_both_back_what_was_theirs(dana, twin, stu, committee, elsewhere):
    call = MeetingFactory(committee=committee)
    MembershipFactory(committee=committee, user=dana)
    MembershipFactory(committee=committee, user=twin, role=ROLE.CHAIR)
    MembershipFactory(committee=elsewhere, user=twin)
    Rsvp.record(call, dana, "accepted", seen=0)
    Rsvp.record(call, twin, "declined", seen=0)
    Office.objects.create(user=twin, title="Mayor", jurisdiction=JurisdictionFactory(), level="city")
    Tag.called("Speaks Korean").give(twin, stu)
    Delivery.enqueue("meeting_invitation", [twin], f"meeting:{call.pk}")
    before = _all_of(dana), _all_of(twin)
    done = into(dana, twin, stu, "name", "email")
    assert _all_of(twin)["rsvps"] == [] and User.objects.get(pk=dana.pk).name == "Dana M. Kim"
    assert undo(done, stu) == 0
    assert (_all_of(dana), _all_of(twin)) == before
    assert User.objects.get(pk=dana.pk).further_addresses == []


def _all_of(person: User) -> dict:
    person = User.objects.get(pk=person.pk)
    names = ("name", "email", "is_active", "merged_into_id", "admitted_at", "left_at")
    return {
        "person": [getattr(person, name) for name in names],
        "rsvps": list(person.rsvps.order_by("pk").values()),
        "seats": list(person.memberships.order_by("pk").values()),
        "offices": list(person.offices.order_by("pk").values()),
        "tags": list(person.taggings.order_by("pk").values()),
        "mail": list(person.deliveries.order_by("pk").values()),
    }


def test_an_undo_leaves_what_somebody_changed_since_and_says_so(dana, twin, stu, committee):
    call = MeetingFactory(committee=committee)
    MembershipFactory(committee=committee, user=twin)
    Rsvp.record(call, twin, "accepted", seen=0)
    done = into(dana, twin, stu)
    dana.refresh_from_db()
    Rsvp.record(call, dana, "declined", seen=5)
    assert undo(done, stu) == 1
    assert list(Rsvp.objects.values_list("user", "response")) == [(dana.pk, "declined")]
    assert list(done.rows.exclude(stays="").values_list("table", "stays")) == [("events.Rsvp", "changed")]
    assert Membership.objects.held().get(committee=committee).user == twin


def test_a_committee_has_the_person_once_in_the_higher_role(dana, twin, stu, committee):
    early, late = timezone.localdate() - timedelta(days=90), timezone.localdate() - timedelta(days=30)
    MembershipFactory(committee=committee, user=dana, started_on=early)
    MembershipFactory(committee=committee, user=twin, role=ROLE.CHAIR, started_on=late)
    into(dana, twin, stu)
    seats = Membership.objects.filter(committee=committee).order_by("started_on")
    assert list(seats.values_list("user", "role", "started_on", "ended_on")) == [
        (dana.pk, "member", early, late),
        (dana.pk, "chair", late, None),
    ]


def test_no_news_is_told_twice(dana, twin, stu, committee):
    """One account was told, the other is about to be."""
    Delivery.enqueue("reminder", [dana, twin], "meeting:7", dedupe_key="day")
    Delivery.objects.filter(recipient=twin).update(state="sent", sent_at=timezone.now())
    done = into(dana, twin, stu)
    told = Delivery.objects.filter(recipient=dana).order_by("state")
    assert list(told.values_list("state", "dedupe_key", "address")) == [
        ("sent", "day", "dkim@portal.example"),
        ("suppressed", f"merged-{told.last().pk}", ""),
    ]
    undo(done, stu)
    assert list(Delivery.objects.order_by("recipient").values_list("recipient", "state", "dedupe_key")) == [
        (dana.pk, "queued", "day"),
        (twin.pk, "sent", "day"),
    ]


def test_mail_that_comes_back_is_about_the_address_it_went_to(dana, twin, stu):
    FormerAddress.objects.create(user=twin, email="old@portal.example", until=timezone.now() - timedelta(days=5))
    Delivery.enqueue("reminder", [twin], "meeting:7")
    Delivery.enqueue("reminder", [twin], "meeting:8")
    Delivery.objects.filter(about="meeting:7").update(state="sent", sent_at=timezone.now() - timedelta(days=9))
    Delivery.objects.filter(about="meeting:8").update(state="sent", sent_at=timezone.now())
    into(dana, twin, stu)
    assert list(dana.deliveries.order_by("about").values_list("address", flat=True)) == [
        "old@portal.example",
        "dkim@portal.example",
    ]


def test_both_addresses_sign_in_and_the_one_chosen_is_the_main(dana, twin, stu):
    into(dana, twin, stu, "email")
    dana.refresh_from_db()
    assert dana.email == "dkim@portal.example"
    for address in ("dkim@portal.example", "Dana@Portal.example"):
        assert User.objects.who_sign_in_at(address) == dana
    assert dana.signs_in_at("dana@portal.example") == "dana@portal.example"


def test_with_an_address_that_an_administrator_gave_no_earlier_one_signs_in(dana, twin, stu, ada):
    into(dana, twin, stu)
    standing.give_email(dana, "dana.new@portal.example", ada, "The mailbox of the seat is her successor's by now.")
    for address in ("dana@portal.example", twin.email):
        assert User.objects.who_sign_in_at(address) is None
    assert User.objects.who_sign_in_at("dana.new@portal.example") == dana
    told = Delivery.objects.filter(kind="account_news").values_list("address", flat=True)
    assert {"dana@portal.example", twin.email} <= set(told)


def test_an_address_nobody_signed_in_with_opens_nothing(dana, twin, stu):
    User.objects.filter(pk=twin.pk).update(last_login=None)
    into(dana, twin, stu, "email")
    dana.refresh_from_db()
    assert dana.email == "dana@portal.example"
    assert User.objects.who_sign_in_at("dkim@portal.example") is None


def test_who_unsubscribed_stays_unsubscribed(dana, twin, stu):
    for person, cadence in ((dana, "at_once"), (twin, "never")):
        NotificationPreference.objects.create(user=person, kind="announcement", cadence=cadence)
    into(dana, twin, stu)
    assert list(NotificationPreference.objects.values_list("user", "cadence")) == [(dana.pk, "never")]


def test_the_closer_setting_of_who_sees_what_holds(dana, twin, stu):
    twin.profile.phone = "+13035550123"
    twin.profile.save()
    dana.profile.phone_audience = "members"
    dana.profile.save()
    into(dana, twin, stu)
    dana.profile.refresh_from_db()
    assert (str(dana.profile.phone), dana.profile.phone_audience) == ("+13035550123", "staff")


def test_a_member_and_an_applicant_become_a_member(dana, twin, stu):
    User.objects.filter(pk=dana.pk).update(admitted_at=None)
    done = into(dana, twin, stu)
    assert User.objects.get(pk=dana.pk).is_member
    undo(done, stu)
    assert not User.objects.get(pk=dana.pk).is_member


def test_nobody_merges_themselves_and_an_administrator_decides_about_staff(dana, twin, stu, ada):
    with pytest.raises(PermissionDenied):
        into(stu, dana, stu)
    twin.appoint("organizer")
    with pytest.raises(PermissionDenied):
        into(dana, twin, stu)
    into(dana, twin, ada)
    assert User.objects.get(pk=dana.pk).roles == ["organizer"]


def test_the_account_with_the_second_step_is_the_one_to_keep(dana, twin, stu):
    Authenticator.objects.create(user=twin, type="totp", data={})
    with pytest.raises(NotMerged, match="second step"):
        into(dana, twin, stu)
    into(twin, dana, stu)


def test_a_merge_is_done_once(dana, twin, stu):
    into(dana, twin, stu)
    for pair in ((dana, twin), (twin, dana)):
        with pytest.raises(NotMerged, match="merged already"):
            into(*pair, stu)
    assert Merge.objects.count() == 1


def test_what_changed_since_the_page_was_shown_stops_it(dana, twin, stu):
    seen = mark(dana, twin)
    User.objects.filter(pk=twin.pk).update(name="Somebody Else")
    with pytest.raises(NotMerged, match="changed since"):
        merge(Wish(dana.pk, twin.pk, frozenset(), seen), stu)


def test_the_earlier_of_two_merges_waits_for_the_later_to_be_taken_back(dana, twin, stu):
    third = UserFactory()
    first = into(dana, twin, stu)
    second = into(third, dana, stu)
    assert User.objects.get(pk=twin.pk).merged_into == third
    with pytest.raises(NotMerged, match="again later"):
        undo(first, stu)
    undo(second, stu)
    undo(Merge.objects.get(pk=first.pk), stu)
    assert User.objects.filter(merged_into=None).count() == 4


def test_after_thirty_days_it_stays(dana, twin, stu):
    done = into(dana, twin, stu)
    Merge.objects.update(merged_at=timezone.now() - timedelta(days=31))
    with pytest.raises(NotMerged, match="30 days"):
        undo(Merge.objects.get(pk=done.pk), stu)


def test_an_answer_that_was_on_its_way_comes_along(dana, twin, stu, committee):
    call = MeetingFactory(committee=committee)
    done = into(dana, twin, stu)
    Rsvp.record(call, twin, "accepted", seen=0)  # the request had its person before
    assert gather_late(timedelta(minutes=15)) > 0
    assert Rsvp.objects.get().user == dana
    undo(Merge.objects.get(pk=done.pk), stu)
    assert Rsvp.objects.get().user == twin


def test_a_merge_whose_late_rows_fail_holds_up_no_other(dana, twin, stu, committee, monkeypatch):
    bo, bob = UserFactory(name="Bo Li"), UserFactory(name="Bob Li")
    failing = into(bo, bob, stu)
    into(dana, twin, stu)
    call = MeetingFactory(committee=committee)
    Rsvp.record(call, twin, "accepted", seen=0)
    gather = merging._gather
    monkeypatch.setattr(merging, "_gather", lambda number: 1 / 0 if number == failing.pk else gather(number))
    assert gather_late(timedelta(minutes=15)) > 0
    assert Rsvp.objects.get().user == dana


def test_attendance_counts_once(dana, twin, stu, committee):
    call = MeetingFactory(committee=committee)
    Attendance.objects.create(meeting=call, user=dana, state="absent", marked_by=stu)
    Attendance.objects.create(meeting=call, user=twin, state="here", marked_by=twin, source="self")
    into(dana, twin, stu)
    assert list(Attendance.objects.values_list("user", "state", "marked_by")) == [(dana.pk, "here", dana.pk)]


def test_an_office_that_both_hold_is_held_once(dana, twin, stu):
    town, day = JurisdictionFactory(), timezone.localdate()
    seat = {"title": "Mayor", "jurisdiction": town, "level": "city"}
    Office.objects.create(user=dana, **seat)
    Office.objects.create(user=twin, **seat, started_on=day, ended_on=day + timedelta(days=900))
    Office.objects.create(user=twin, **seat | {"title": "Clerk"})
    done = into(dana, twin, stu)
    assert list(dana.offices.order_by("title").values_list("title", "started_on")) == [("Clerk", None), ("Mayor", day)]
    assert undo(done, stu) == 0
    assert (dana.offices.count(), twin.offices.count()) == (1, 2)


def test_who_is_erased_is_erased_in_the_account_that_was_merged_too(dana, twin, stu):
    asked = erasing.ask(twin, stu)
    with pytest.raises(NotMerged, match="asked to be erased"):
        into(dana, twin, stu)
    asked.delete()
    done = into(dana, twin, stu)
    asked = erasing.ask(dana, stu)
    Erasure.objects.update(due_at=timezone.now())
    assert erasing.erase(asked.pk)
    assert not User.objects.filter(name__contains="Dana").exists() and not done.rows.exists()
    with pytest.raises(NotMerged, match="closed by now"):
        undo(Merge.objects.get(), stu)


def test_it_is_written_down(dana, twin, stu):
    into(dana, twin, stu)
    lines = AuditEntry.objects.filter(actor=stu, verb__contains="merged").order_by("pk")
    assert list(lines.values_list("verb", "object_id")) == [
        ("merged another account into", dana.pk),
        ("merged into another account", twin.pk),
    ]


# Suspects --------------------------------------------------------------------------------------------------


def test_suspects_are_found_by_address_telephone_and_name_in_one_place(dana, twin):
    town = JurisdictionFactory()
    for person in (dana, twin):
        Office.objects.create(user=person, title="Mayor", jurisdiction=town, level="city")
    dots = UserFactory(name="Lee One", email="lee.park@gmail.com")
    none = UserFactory(name="Lee Two", email="leepark+calls@googlemail.com")
    finding.find()
    assert {(row.one, row.other): row.reasons for row in PossibleDuplicate.objects.waiting()} == {
        (dana, twin): ["name"],
        (dots, none): ["email"],
    }
    for person in (dots, dana):
        person.profile.phone = "+13035550123"
        person.profile.save()
    finding.find()
    assert PossibleDuplicate.objects.get(one=dana, other=dots).reasons == ["phone"]


def test_two_people_stay_two_people(dana, twin, stu):
    UserFactory(email="dana+b@portal.example")
    assert finding.find() == 1
    assert PossibleDuplicate.objects.get().set_apart(stu)
    assert finding.find() == 0
    into(twin, dana, stu)
    assert finding.find() == 0  # what was said of the one holds for the other


# Pages -----------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


def test_staff_compare_choose_merge_and_take_back(desk, dana, twin, stu, committee):
    MembershipFactory(committee=committee, user=twin)
    address = f"/staff/duplicates/{dana.pk}/{twin.pk}/"
    page = desk.get(address)
    html = page.content.decode()
    assert "1 role on a committee" in html and "d…@portal.example" in html and "dkim@" not in html
    seen = page.context["form"].initial["seen"]
    answer = desk.post(address, {"seen": seen, "name": "merged", "given_name": "kept", "email": "kept"})
    done = Merge.objects.get()
    assert answer.url == f"/staff/merges/{done.pk}/"
    assert User.objects.get(pk=dana.pk).name == "Dana M. Kim"
    assert desk.get(f"/staff/members/{twin.pk}/").url == f"/staff/members/{dana.pk}/"
    assert "was merged into this one" in desk.get(f"/staff/members/{dana.pk}/").content.decode()
    assert desk.get(address).status_code == 404
    desk.post(f"/staff/merges/{done.pk}/undo/")
    assert User.objects.get(pk=twin.pk).merged_into is None
    assert "It was taken back already" in desk.get(answer.url).content.decode()


def test_what_is_private_is_shown_when_asked_and_written_down(desk, dana, twin, stu):
    html = desk.post(f"/staff/duplicates/{dana.pk}/{twin.pk}/contact/").content.decode()
    assert "dkim@portal.example" in html and "dana@portal.example" in html
    assert AuditEntry.objects.filter(actor=stu, verb="revealed contact data").count() == 2


def test_a_page_of_before_merges_nothing_and_says_so(desk, dana, twin):
    address = f"/staff/duplicates/{dana.pk}/{twin.pk}/"
    typed = {"seen": desk.get(address).context["form"].initial["seen"], "given_name": "kept", "email": "merged"}
    User.objects.filter(pk=twin.pk).update(name="Dana X. Kim")
    answer = desk.post(address, typed | {"name": "merged"}, follow=True, headers={"accept": "text/html"})
    html = answer.content.decode()
    assert "One of the two changed since you opened the page" in html and Merge.objects.count() == 0
    seen = answer.context["form"]["seen"].value()
    desk.post(address, typed | {"name": "merged", "seen": seen}, headers={"accept": "text/html"})
    assert User.objects.get(pk=dana.pk).name == "Dana X. Kim"


def test_two_people_are_remembered_and_can_be_taken_back(desk, dana, twin):
    UserFactory(email="dana+b@portal.example", name="Dana B")
    finding.find()
    pair = PossibleDuplicate.objects.get()
    assert "Dana B" in desk.get("/staff/duplicates/").content.decode()
    at = f"/staff/duplicates/{pair.one_id}/{pair.other_id}/"
    desk.post(f"{at}apart/")
    assert desk.get("/staff/duplicates/").context["page"].rows == []
    assert finding.find() == 0
    desk.post(f"{at}together/")
    assert PossibleDuplicate.objects.waiting().count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number(desk, rows, django_assert_num_queries):
    for n in range(rows):
        UserFactory(email=f"p{n}@portal.example")
        UserFactory(email=f"p{n}+b@portal.example")
    finding.find()
    desk.get("/staff/duplicates/")
    with django_assert_num_queries(6):
        assert len(desk.get("/staff/duplicates/").context["page"].rows) == rows


def test_another_account_is_found_by_name_and_by_address(desk, dana, twin):
    for words in ("Dana", "dkim@portal.example"):
        assert twin in desk.get("/staff/duplicates/", {"person": dana.pk, "q": words}).context["found"]


def test_organizers_merge_nobody(sign_in, dana, twin):
    oren = UserFactory()
    oren.appoint("organizer")
    assert sign_in(oren).get("/staff/duplicates/").status_code == 403
    assert sign_in(oren).post(f"/staff/duplicates/{dana.pk}/{twin.pk}/").status_code == 403


# Ways in that were sent before -------------------------------------------------------------------------------


def test_sessions_end_and_links_of_old_mails_go_on(sign_in, dana, twin, stu, committee):
    call = MeetingFactory(committee=committee)
    MembershipFactory(committee=committee, user=twin)
    theirs = sign_in(twin)
    assert theirs.get("/").status_code == 200
    link, feed = f"/r/{links.rsvp_token(twin.pk, call.pk)}/", feeds.token(twin, 0)
    into(dana, twin, stu)
    assert theirs.get("/settings/").status_code == 302
    Client().post(link, {"answer": "accepted"})
    assert list(Rsvp.objects.values_list("user", "response")) == [(dana.pk, "accepted")]
    assert feeds.owner(feed) == (User.objects.get(pk=dana.pk), 0)
    CalendarFeed.revoke(dana)
    assert feeds.owner(feed) is None


def test_a_list_with_the_other_address_is_about_the_one_who_stays(dana, twin, stu):
    into(dana, twin, stu)
    found = find([Person(2, name="Dana M. Kim", email="dkim@portal.example")])
    assert found.by_email == {"dkim@portal.example": dana.pk} and set(found.people) == {dana.pk}


# All at once -------------------------------------------------------------------------------------------------


def rows_of(*people: User) -> dict[str, dict]:
    """Each row that points at one of these, as it is, by the foreign key."""
    found = {}
    for name, rule in rules.rules.items():
        keys = [key for each in people for key in rule.rows_of(each.pk).values_list("pk", flat=True)]
        found[name] = rows.read(rule.model, keys) if rule.model._meta.pk.get_internal_type() != "CharField" else {}
    return found


def test_of_one_of_everything_nothing_is_lost_both_addresses_sign_in_and_an_undo_restores_all(
    committee, elsewhere, carla, mo, olga, ana, stu, ada, meeting
):
    world = make_world(committee, elsewhere, carla, mo, olga, ana, stu, meeting)
    for person in (carla, mo):
        User.objects.filter(pk=person.pk).update(last_login=timezone.now())
        Rsvp.record(meeting, person, "accepted", seen=0)
        NotificationPreference.objects.create(user=person, kind="announcement", cadence="never")
        Delivery.enqueue("reminder", [person], meeting.about)
    world.minutes, world.report_draft, world.office  # noqa: B018  (made when asked for)
    people = User.objects.get(pk=carla.pk), User.objects.get(pk=mo.pk)
    own = rows.read(User, [person.pk for person in people])
    before = rows_of(*people)
    assert sum(bool(found) for found in before.values()) > 20
    done = into(carla, mo, ada)
    after = rows_of(carla)
    gone = {(row.table, row.row) for row in done.rows.filter(after={})}
    for name, rule in rules.rules.items():
        if not rule.stays:
            lost = before[name].keys() - after[name].keys()
            assert {(rule.model._meta.label, key) for key in lost} <= gone, name
            assert rule.carry or not rule.rows_of(mo.pk).exists(), name
    for address in (carla.email, mo.email):
        assert is_in(enters(address)), address
    assert undo(done, ada) == 0
    assert [name for name, found in rows_of(*people).items() if found != before[name] and name not in TOLD_MORE] == []
    changed = {"signed_out_at", "last_login"}
    now = rows.read(User, own)
    assert [{k: v for k, v in now[key].items() if k not in changed} for key in own] == [
        {k: v for k, v in was.items() if k not in changed} for was in own.values()
    ]


# What the sign-ins of the test left, and the pair that staff set apart by taking it back.
TOLD_MORE = {
    "members.Delivery.recipient",
    "members.PossibleDuplicate.one",
    "members.PossibleDuplicate.other",
    "members.PossibleDuplicate.apart_by",
    "members.Merge.kept",
    "members.Merge.merged",
    "members.AuditEntry.actor",
    "committees.MembershipEvent.user",
    "usersessions.UserSession.user",
}
