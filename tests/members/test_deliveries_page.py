"""Staff see who was sent what, and why or why not."""

import pytest
from django.urls import reverse

from committees.joining.messages import tell_joined
from members.accounts.messages import send_sign_in_code
from members.mail.incoming import inbox
from members.mail.kinds import registry
from members.mail.outgoing.worker import deliver
from members.models import Delivery, InboundMail, StaffAppointment, Suppression
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(smtp, mo, carla) -> tuple[Delivery, Delivery]:
    """One sent to Mo, one stopped because Carla left."""
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    carla.memberships.get().end(by=carla)
    deliver()
    return tuple(Delivery.objects.order_by("recipient__given_name").reverse())


def test_the_list_shows_each_message_with_its_state_and_reason(sign_in, stu, told):
    words = sign_in(stu).get(reverse("staff_deliveries")).content.decode()
    assert "They were told that they’re on a committee" in words and "Mo Haddad" in words
    assert "The person left the committee." in words


def test_i_never_got_it_is_two_clicks(sign_in, stu, told, carla):
    staff = sign_in(stu)
    found = staff.get(reverse("staff_deliveries"), {"q": carla.email}).content.decode()
    assert "Carla" in found and "Mo Haddad" not in found
    page = staff.get(reverse("staff_delivery", args=[told[1].pk])).content.decode()
    assert "The person left the committee." in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"q": "haddad"}, 1),
        ({"state": "suppressed"}, 1),
        ({"kind": "joined"}, 2),
        ({"kind": "reminder"}, 0),
        ({"q": "nobody@nowhere.example"}, 0),
        ({"q": " ", "state": "x"}, 2),
    ],
)
def test_the_list_is_filtered(sign_in, stu, told, query, shown):
    page = sign_in(stu).get(reverse("staff_deliveries"), query)
    assert page.status_code == 200
    assert page.content.decode().count('<th scope="row">') == shown


def test_a_hundred_are_on_a_page(sign_in, stu, committee):
    for membership in MembershipFactory.create_batch(103, committee=committee):
        tell_joined(membership)
    staff = sign_in(stu)
    first = staff.get(reverse("staff_deliveries"))
    assert first.content.decode().count('<th scope="row">') == 100
    following = staff.get(reverse("staff_deliveries") + first.context["page"].next_url)
    assert following.content.decode().count('<th scope="row">') == 3


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_six_queries_for_one_and_for_many(sign_in, stu, committee, django_assert_num_queries, many):
    for membership in MembershipFactory.create_batch(many, committee=committee):
        tell_joined(membership)
    staff = sign_in(stu)
    with django_assert_num_queries(6):
        staff.get(reverse("staff_deliveries"))


def test_an_open_message_says_what_would_stop_it_now(sign_in, stu, mo):
    tell_joined(mo.memberships.get())
    address = reverse("staff_delivery", args=[Delivery.objects.get().pk])
    staff = sign_in(stu)
    assert "It is due and goes next." in staff.get(address).content.decode()
    mo.memberships.get().end(by=mo)
    assert "It will not be sent: The person left the committee." in staff.get(address).content.decode()


def test_staff_do_not_see_codes(sign_in, stu, mo):
    send_sign_in_code(mo.email, mo, "48172046")
    staff = sign_in(stu)
    pages = [
        staff.get(reverse("staff_deliveries")),
        staff.get(reverse("staff_delivery", args=[Delivery.objects.get().pk])),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "48172046" not in page.content.decode() and "4817 2046" not in page.content.decode()


def test_members_and_staff_without_a_second_factor_do_not_see_messages(sign_in, told, carla, mo, stu):
    for address in (reverse("staff_deliveries"), reverse("staff_delivery", args=[told[0].pk])):
        assert sign_in(mo).get(address).status_code == 404
        assert sign_in(carla).get(address).status_code == 404
        assert sign_in(stu, strong=False).get(address).status_code == 403
        assert sign_in().get(address).status_code in (302, 404)


def test_organizers_see_them_too(sign_in, told, olga):
    olga.appoint(StaffAppointment.Role.ORGANIZER)
    assert sign_in(olga).get(reverse("staff_deliveries")).status_code == 200


def test_each_row_says_what_its_mail_was_about(sign_in, stu, told, mo):
    """The subject of a mail that was written; before that the committee."""
    rows = sign_in(stu).get(reverse("staff_deliveries")).context["rows"]
    assert [(delivery.recipient.name, about) for delivery, _label, about, _tone in rows] == [
        (told[1].recipient.name, "Economic Justice"),
        (mo.name, Delivery.objects.get(recipient=mo).message_subject),
    ]


def test_every_kind_has_a_sentence_for_staff():
    assert [kind for kind, notice in registry.items() if not str(notice.sent_label)] == []
    assert len({str(notice.sent_label) for notice in registry.values()}) == len(registry)


@pytest.mark.parametrize(
    ("name", "help_line"),
    [
        ("staff_deliveries", "Everything we sent or meant to send"),
        ("staff_refused", "What a mail server refused for good"),
        ("staff_unknown", "Handed over, and the mail server’s answer got lost"),
        ("staff_held", "After a restore from a backup"),
        ("staff_suppressions", "Addresses that get nothing more"),
        ("staff_inbound", "Answers from calendars, replies to our mail"),
        ("staff_proof", "What was due in a time, counted once each"),
    ],
)
def test_each_page_says_what_it_is_for_and_each_tab_how_many_wait(sign_in, stu, mo, name, help_line):
    Suppression.stop("gone@city.example", "bounce", "the mailbox doesn’t exist.")
    inbox.keep(b"nonsense", InboundMail.Via.WEBHOOK, "It’s kept as it came.")
    tell_joined(mo.memberships.get())
    page = sign_in(stu).get(reverse(name))
    assert help_line in page.content.decode()
    assert {str(tab["label"]): tab["count"] for tab in page.context["tabs"]} == {
        "All": 1, "Refused": None, "Not known": None, "Held": None, "Stopped": 1, "Came in": 1, "Proof": None,
    }  # fmt: skip
