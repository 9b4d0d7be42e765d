"""Refused messages: listed, sent again under the same Message-ID, or put aside and brought back."""

import re

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from committees.joining.messages import tell_joined
from members.mail.emails import message_id
from members.mail.outgoing import restore_hold
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, Delivery
from tests.factories import MembershipFactory
from tests.pipeline import forward

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(mo, carla) -> list[Delivery]:
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    Delivery.objects.update(
        state="failed", reason="The mail server refused it: 550 no such user", failures=3, claims=2, refused_at=Now()
    )
    return list(Delivery.objects.order_by("recipient__name"))


def send(client, *numbers, **more):
    return client.post(reverse("staff_refused_send"), {"pk": numbers} | more)


def test_sent_again_it_goes_under_the_same_message_id(smtp, sign_in, stu, refused):
    hers, his = refused
    desk = sign_in(stu)
    assert "550 no such user" in desk.get(reverse("staff_refused")).text
    assert send(desk, his.pk).url == reverse("staff_refused")
    his.refresh_from_db()
    assert (his.state, his.failures, his.claims, his.refused_at) == ("queued", 0, 0, None)
    assert deliver() == {"sent": 1}
    assert [mail.id for mail in smtp.received] == [message_id(his)]
    assert list(Delivery.objects.refused()) == [hers]
    entry = AuditEntry.objects.get(verb="sent again")
    assert (entry.actor, entry.after) == (stu, {"messages": 1, "numbers": [his.pk]})


def test_sent_again_after_its_facts_changed_it_leaves_with_the_reason(smtp, sign_in, stu, mo, refused):
    mo.memberships.get().end(by=mo)
    send(sign_in(stu), refused[1].pk)
    assert deliver() == {"suppressed": 1}
    refused[1].refresh_from_db()
    assert refused[1].reason == "The person left the committee."


def test_sent_again_it_has_three_days_anew(smtp, sign_in, stu, mo, refused):
    forward(4 * 24 * 60)
    send(sign_in(stu), refused[1].pk)
    smtp.at_recipient[mo.email] = "451 greylisted"
    assert deliver() == {"queued": 1}


def test_put_aside_it_leaves_the_list_and_undo_brings_it_back(sign_in, stu, ada, refused):
    desk = sign_in(stu)
    page = desk.post(reverse("staff_refused_dismiss"), {"pk": "all"}, follow=True).text
    assert "2 messages are put aside." in page and not Delivery.objects.refused()
    assert {(row.dismissed_by, row.state) for row in Delivery.objects.all()} == {(stu, "failed")}
    undo = re.search(rf'action="({reverse("staff_refused")}undo/\d+/)"', page)[1]
    sign_in(ada).post(undo)
    assert not Delivery.objects.refused()  # another's Undo is not one's own
    assert "2 messages are back in the list." in desk.post(undo, follow=True).text
    assert Delivery.objects.refused().count() == 2
    acts = AuditEntry.objects.exclude(verb="appointed").order_by("pk")
    assert list(acts.values_list("verb", flat=True)) == ["dismissed messages", "brought back messages"]


def test_many_are_asked_about_first(sign_in, stu, committee, refused):
    for membership in MembershipFactory.create_batch(30, committee=committee):
        tell_joined(membership)
    Delivery.objects.update(state="failed")
    desk = sign_in(stu)
    asked = send(desk, "all")
    assert asked.status_code == 200 and "Send 32 refused messages again?" in asked.text
    assert not Delivery.objects.filter(state="queued")
    send(desk, "all", confirm="1")
    assert Delivery.objects.filter(state="queued").count() == 32


def test_only_what_is_refused_is_touched(sign_in, stu, refused):
    Delivery.objects.update(state="sent")
    desk = sign_in(stu)
    for number in (refused[0].pk, "x", "9" * 30, "-1"):
        send(desk, number)
        desk.post(reverse("staff_refused_dismiss"), {"pk": number})
    assert desk.post(reverse("staff_refused_undo", args=[10**20])).status_code == 404
    assert set(Delivery.objects.values_list("state", "dismissed_at")) == {("sent", None)}
    assert not AuditEntry.objects.exclude(verb="appointed").exists()


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("name", ["staff_refused", "staff_unknown", "staff_held"])
def test_the_lists_cost_the_same_for_one_and_for_many(
    sign_in, stu, committee, name, many, django_assert_max_num_queries
):
    for membership in MembershipFactory.create_batch(many, committee=committee):
        tell_joined(membership)
    Delivery.objects.update(
        **{
            "staff_refused": {"state": "failed"},
            "staff_unknown": {"state": "sending", "lease": "12345678123456781234567812345678", "next_try_at": Now()},
            "staff_held": {"scope": "committee:1"},
        }[name]
    )
    desk = sign_in(stu)
    with django_assert_max_num_queries(8) as asked:
        desk.get(reverse(name))
    assert len(asked) == {"staff_refused": 6, "staff_unknown": 8, "staff_held": 6}[name]


# Not known to have arrived ------------------------------------------------------------------------------------


def test_what_is_not_known_to_have_arrived_is_listed_until_it_is(smtp, sign_in, stu, mo):
    tell_joined(mo.memberships.get())
    smtp.on_data = lambda recipient: smtp.DROP_AFTER
    deliver()
    desk = sign_in(stu)
    page = desk.get(reverse("staff_unknown")).text
    assert "Mo Haddad" in page and "It was handed over, and the answer of the mail server is not known." in page
    smtp.on_data = lambda recipient: ""
    forward(1)
    assert deliver() == {"sent": 1}
    assert Delivery.objects.get().repeats == 1
    assert "Everything was answered" in desk.get(reverse("staff_unknown")).text


# Held after a restore -------------------------------------------------------------------------------------------


def test_staff_see_how_many_are_held_and_decide_after_a_page_that_says_so(sign_in, stu, mo, carla, committee):
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    restore_hold.hold("The disk of Tuesday night")
    desk = sign_in(stu)
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", desk.get(reverse("staff_held")).text))
    assert "The disk of Tuesday night" in page and "2 messages that were due before" in page
    assert "They’re to be told that they’re on a committee Economic Justice 2" in page
    assert "2 messages are held" in desk.get("/staff/").text
    asked = desk.get(reverse("staff_held_decide"), {"to": "drop"})
    assert "Leave 2 held messages unsent?" in asked.text and restore_hold.held().count() == 2
    desk.post(reverse("staff_held_decide"), {"to": "drop", "before": asked.context["before"]})
    assert set(Delivery.objects.values_list("state", "reason")) == {
        ("suppressed", "Staff decided not to send it after a restore.")
    }
    again = desk.post(reverse("staff_held_decide"), {"to": "send", "before": asked.context["before"]}, follow=True).text
    assert "It was decided in the meantime." in again and "Stu Staff decided last" in again
    for wrong in ({"to": "send"}, {"to": "send", "before": "x"}, {"to": "send", "before": "2026-13-45"}, {"to": "x"}):
        assert desk.post(reverse("staff_held_decide"), wrong).status_code == 404
