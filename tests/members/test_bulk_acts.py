"""One act on many people: told before, done once for each, taken back."""

import threading

import pytest
from bs4 import BeautifulSoup
from django.db import connection

from committees.models import Membership
from members.models import AuditEntry, BulkAct, Delivery, StaffAppointment, Tag, Tagging, User
from members.models.bulk_acts import BulkActPerson
from members.roster.bulk_acts import sweeping
from members.roster.bulk_acts.kinds import kinds
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/staff/members/act/"
STATE = BulkActPerson.State


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


def act(client, whom: str, **fields):
    """As the pages lead: what it needs, what it will do, then the button."""
    address = f"{ADDRESS}?{whom}&go=1&" + "&".join(f"with-{name}={value}" for name, value in fields.items())
    page = client.get(address)
    assert page.status_code == 200 and "told" in page.context, page.text
    done = client.post(address, {"seen": page.context["seen"]})
    return page, BulkAct.objects.latest("pk"), done


def states(act: BulkAct) -> dict[str, str]:
    return dict(act.people.values_list("person__name", "state"))


def test_many_are_put_on_a_committee_told_of_before_and_taken_back(desk, committee, mo, olga, ana):
    whom = f"act=add&p={mo.pk}&p={olga.pk}&p={ana.pk}"
    page, done, answer = act(desk, whom, committee=committee.pk, role="member")
    assert (page.context["told"].people, page.context["told"].mails) == (1, 1)
    assert "1 person joins it." in page.text and "1 is on it already" in page.text and "1 is no member" in page.text
    assert answer["Location"] == f"/staff/members/acts/{done.pk}/"
    assert states(done) == {mo.name: STATE.SAME, olga.name: STATE.DONE, ana.name: STATE.REFUSED}
    assert Membership.objects.of(olga).filter(committee=committee).exists()
    assert Delivery.objects.filter(recipient=olga, kind="joined").count() == 1
    shown = desk.get(answer["Location"]).text
    assert "Ana Applicant isn’t a member." in shown
    for _twice in range(2):
        desk.post(f"/staff/members/acts/{done.pk}/undo/")
    assert not Membership.objects.of(olga).filter(committee=committee).exists()
    assert states(done) == {mo.name: STATE.SAME, olga.name: STATE.UNDONE, ana.name: STATE.REFUSED}
    assert AuditEntry.objects.filter(verb="took back").count() == 1


def test_memberships_end_with_a_reason_except_those_of_staff_and_ones_own(desk, stu, ada, mo, olga):
    whom = "act=leave&" + "&".join(f"p={person.pk}" for person in (stu, ada, mo, olga))
    page, done, _answer = act(desk, whom, reason="Term over")
    assert (page.context["told"].people, page.context["told"].mails) == (2, 2)
    assert states(done) == {
        stu.name: STATE.REFUSED,
        ada.name: STATE.REFUSED,
        mo.name: STATE.DONE,
        olga.name: STATE.DONE,
    }
    assert AuditEntry.objects.filter(verb="ended membership", reason="Term over").count() == 2
    desk.post(f"/staff/members/acts/{done.pk}/undo/")
    assert set(User.objects.members().filter(pk__in=[mo.pk, olga.pk])) == {mo, olga}


def test_all_who_match_get_a_tag(desk, committee, mo, carla, olga):
    _page, done, _answer = act(desk, f"act=tag&all=1&committee={committee.slug}", tag="Justice")
    assert set(states(done)) == {mo.name, carla.name}
    assert set(Tagging.objects.values_list("person", flat=True)) == {mo.pk, carla.pk}
    act(desk, f"act=untag&p={mo.pk}", tag=Tag.objects.get().pk)
    assert set(Tagging.objects.values_list("person", flat=True)) == {carla.pk}


def test_an_act_that_shows_other_people_than_it_would_reach_is_not_done(desk, committee, mo, carla):
    address = f"{ADDRESS}?act=tag&all=1&committee={committee.slug}&go=1&with-tag=Justice"
    seen = desk.get(address).context["seen"]
    Membership.objects.get(user=mo).end(mo)
    answer = desk.post(address, {"seen": seen}, follow=True)
    assert "The list changed meanwhile" in answer.text and not BulkAct.objects.exists()


def test_a_list_that_is_broken_acts_on_nobody(desk, mo):
    assert "Tick somebody first" in desk.get(f"{ADDRESS}?act=tag&all=1&committee=gone", follow=True).text
    assert "Tick somebody first" in desk.get(f"{ADDRESS}?act=tag", follow=True).text
    assert desk.get(f"{ADDRESS}?act=nonsense&p={mo.pk}").status_code == 404


def test_what_an_act_needs_is_asked_for_and_nothing_is_done_by_looking(desk, mo):
    assert "Write the tag" not in desk.get(f"{ADDRESS}?act=tag&p={mo.pk}").text
    assert "Write the tag" in desk.get(f"{ADDRESS}?act=tag&p={mo.pk}&go=1&with-tag=").text
    desk.get(f"{ADDRESS}?act=tag&p={mo.pk}&go=1&with-tag=Donor")
    assert not Tag.objects.exists() and not BulkAct.objects.exists()


def test_organizers_end_no_memberships(sign_in, mo):
    priya = UserFactory()
    priya.appoint(StaffAppointment.Role.ORGANIZER)
    assert sign_in(priya).get(f"{ADDRESS}?act=leave&p={mo.pk}").status_code == 403
    assert "act=leave" not in sign_in(priya).get("/staff/members/").text


def test_one_that_fails_stops_nobody_else(stu, mo, olga, carla, monkeypatch):
    tag = Tag.called("Donor")
    give = Tag.give
    monkeypatch.setattr(Tag, "give", lambda self, person, by: 1 / 0 if person == mo else give(self, person, by))
    done = BulkAct.begin(
        "tag", {"tag": tag.pk}, User.objects.filter(pk__in=[mo.pk, olga.pk, carla.pk]), stu, words="Tag"
    )
    sweeping.work(done)
    assert states(done) == {mo.name: STATE.REFUSED, olga.name: STATE.DONE, carla.name: STATE.DONE}
    done.refresh_from_db()
    assert done.finished_at


def test_a_worker_that_dies_in_a_batch_leaves_it_to_the_next(stu, mo, olga, carla, monkeypatch):
    tag = Tag.called("Donor")
    done = BulkAct.begin(
        "tag", {"tag": tag.pk}, User.objects.filter(pk__in=[mo.pk, olga.pk, carla.pk]), stu, words="Tag"
    )
    monkeypatch.setattr(sweeping, "BATCH", 2)
    kind, killed = kinds["tag"], []

    def die(person, *args):
        if len(killed) < 2:
            killed.append(person)
            return type(kind).do(kind, person, *args)
        raise KeyboardInterrupt

    monkeypatch.setattr(kind, "do", die)
    with pytest.raises(KeyboardInterrupt):
        sweeping.work(done)
    monkeypatch.undo()
    sweeping.sweep()
    assert set(states(done).values()) == {STATE.DONE} and Tagging.objects.count() == 3
    assert AuditEntry.objects.filter(verb="tagged").count() == 3


def test_whoever_is_staff_no_more_acts_on_nobody(stu, ada, mo):
    tag = Tag.called("Donor")
    done = BulkAct.begin("tag", {"tag": tag.pk}, User.objects.filter(pk=mo.pk), stu, words="Tag")
    stu.appointments.get().end(ada)
    sweeping.work(done)
    assert states(done) == {mo.name: STATE.REFUSED} and not Tagging.objects.exists()


def test_a_long_act_is_left_to_the_worker_and_stopped(desk, stu, mo, olga, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    _page, waiting, answer = act(desk, f"act=tag&p={mo.pk}&p={olga.pk}", tag="Donor")
    shown = desk.get(answer["Location"])
    assert "0 of 2 people" in shown.text and 'hx-trigger="every 2s"' in shown.text
    assert "<html" not in desk.get(answer["Location"], headers={"HX-Request": "true"}).text
    desk.post(f"/staff/members/acts/{waiting.pk}/stop/")
    sweeping.sweep()
    assert not Tagging.objects.exists() and "stopped" in desk.get(answer["Location"]).text


def test_the_buttons_of_an_act_are_sent_with_their_token(desk, stu, mo):
    waiting = BulkAct.begin("tag", {"tag": 0}, User.objects.filter(pk=mo.pk), stu, words="Tag")
    page = BeautifulSoup(desk.get(f"/staff/members/acts/{waiting.pk}/").text, "lxml").select_one("#progress")
    assert [bool(form.select("[name=csrfmiddlewaretoken]")) for form in page.select("form")] == [True, True]


def test_another_looks_and_an_administrator_takes_it_back(desk, sign_in, ada, mo):
    _page, done, _answer = act(desk, f"act=tag&p={mo.pk}", tag="Donor")
    other = UserFactory()
    other.appoint(StaffAppointment.Role.MEMBERSHIP)
    assert sign_in(other).get(f"/staff/members/acts/{done.pk}/").status_code == 200
    assert sign_in(other).post(f"/staff/members/acts/{done.pk}/undo/").status_code == 403
    assert sign_in(ada).post(f"/staff/members/acts/{done.pk}/undo/").status_code == 302
    assert not Tagging.objects.exists()


def test_what_changes_nothing_has_no_button(desk, committee, mo):
    address = f"{ADDRESS}?act=add&p={mo.pk}&go=1&with-committee={committee.pk}&with-role=member"
    page = BeautifulSoup(desk.get(address).text, "lxml").main
    assert "0 people join it." in page.text and not page.select(".btn--primary")


def test_a_button_pressed_twice_acts_once(desk, mo):
    address = f"{ADDRESS}?act=tag&p={mo.pk}&go=1&with-tag=Donor"
    fields = {"seen": desk.get(address).context["seen"], "once": "a page"}
    assert desk.post(address, fields)["Location"] == desk.post(address, fields)["Location"]
    assert BulkAct.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_it_once(stu):
    people = [UserFactory() for _n in range(4)]
    tag = Tag.called("Donor")
    done = BulkAct.begin(
        "tag", {"tag": tag.pk}, User.objects.filter(pk__in=[each.pk for each in people]), stu, words="Tag"
    )

    def work():
        sweeping.sweep()
        connection.close()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweeping.sweep()
    assert set(states(done).values()) == {STATE.DONE} and AuditEntry.objects.filter(verb="tagged").count() == 4


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_an_act_costs_the_same_for_any_number(desk, stu, ana, rows, django_assert_num_queries):
    people = [UserFactory(admitted_at=None) for _n in range(rows)]
    whom = User.objects.filter(pk__in=[each.pk for each in people])
    done = BulkAct.begin("leave", {}, whom, stu, words="End membership")
    BulkActPerson.objects.update(state=STATE.REFUSED, note="No")
    with django_assert_num_queries(6):
        desk.get(f"/staff/members/acts/{done.pk}/")
