"""Asking a member how to reach them: the owner shows what they choose, once, to one person, for a while."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, ContactRequest, Delivery
from members.models.contact_requests import MOST_A_DAY, Refused
from members.privacy.messages import tell_asked
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NUMBER = "(303) 555-0142"


@pytest.fixture
def owner(mo):
    mo.profile.phone = "+13035550142"
    mo.profile.save()
    return mo


def ask(asker, owner, words="About the hearing"):
    return ContactRequest.ask(asker, owner, words)[0]


def said(mail) -> str:
    return "".join(mail.message.get_body((kind,)).get_content() for kind in ("plain", "html"))


def page(client, asked):
    return client.get(reverse("contact_request", args=[asked.pk])).text


def test_a_member_asks_and_sees_what_the_owner_chose_until_it_is_taken_back(sign_in, smtp, owner, olga):
    asking, answering = sign_in(olga), sign_in(owner)
    person = reverse("person", args=[owner.pk])
    assert NUMBER not in asking.get(person).text and "Ask how to reach them" in asking.get(person).text
    asking.post(reverse("contact_ask", args=[owner.pk]), {"message": "About the hearing"})
    deliver()
    (mail,) = smtp.to(owner.email)
    assert "About the hearing" in said(mail) and olga.email not in said(mail)
    asked = ContactRequest.objects.get()
    assert "Not answered yet" in asking.get(person).text and "Ask how" not in asking.get(person).text
    assert NUMBER in page(answering, asked) and NUMBER not in page(asking, asked)
    answering.post(reverse("contact_request", args=[asked.pk]), {"answer": "show", "phone": "on"})
    deliver()
    (mail,) = smtp.to(olga.email)
    assert "0142" not in said(mail) and f"/contact-requests/{asked.pk}/" in said(mail)
    for shown in (page(asking, asked), asking.get(person).text):
        assert NUMBER in shown and owner.email not in shown
    answering.post(reverse("contact_take_back", args=[asked.pk]))
    assert NUMBER not in page(asking, asked) and NUMBER not in asking.get(person).text
    told = AuditEntry.objects.filter(verb__contains="contact data").order_by("pk")
    assert list(told.values_list("actor", "verb", "object_id")) == [
        (olga.pk, "asked for contact data", owner.pk),
        (owner.pk, "showed contact data to", olga.pk),
        (owner.pk, "took contact data back from", olga.pk),
    ]


def test_what_is_shown_to_one_is_shown_to_nobody_else(sign_in, owner, olga, carla, stu):
    asked = ask(olga, owner)
    asked.answer(email=True, phone=True)
    for other in (carla, stu):
        client = sign_in(other)
        assert client.get(reverse("contact_request", args=[asked.pk])).status_code == 404
        assert NUMBER not in client.get(reverse("person", args=[owner.pk])).text


def test_it_is_shown_for_thirty_days_and_a_question_waits_as_long(owner, olga, carla):
    shown, waiting = ask(olga, owner), ask(carla, owner)
    shown.answer(email=False, phone=True)
    shown.refresh_from_db()
    assert (shown.state, waiting.state) == ("shown", "waiting")
    ContactRequest.objects.filter(answered_at=None).update(asked_at=timezone.now() - timedelta(days=31))
    ContactRequest.objects.exclude(answered_at=None).update(answered_at=timezone.now() - timedelta(days=30))
    assert [each.state for each in ContactRequest.objects.order_by("pk")] == ["over", "lapsed"]
    assert ContactRequest.objects.get(pk=shown.pk).contact == {}
    assert not ContactRequest.objects.get(pk=waiting.pk).answer(email=True, phone=True)


def test_an_answer_is_given_once(owner, olga):
    asked = ask(olga, owner)
    assert asked.answer(email=False, phone=False)
    assert not asked.answer(email=True, phone=True)
    assert ContactRequest.objects.get().state == "declined"


def test_one_question_waits_at_a_time_and_a_no_rests(owner, olga):
    asked = ask(olga, owner)
    assert ContactRequest.ask(olga, owner, "Again") == (asked, False)
    asked.answer(email=False, phone=False)
    with pytest.raises(Refused, match="rest"):
        ask(olga, owner)
    ContactRequest.objects.update(
        answered_at=timezone.now() - timedelta(days=91), asked_at=timezone.now() - timedelta(days=92)
    )
    assert ask(olga, owner) != asked


def test_nobody_asks_everybody(olga, sign_in, owner):
    for person in UserFactory.create_batch(MOST_A_DAY):
        ask(olga, person)
    client = sign_in(olga)
    typed = client.post(
        reverse("contact_ask", args=[owner.pk]), {"message": "Me too"}, HTTP_ACCEPT="text/html", follow=True
    )
    assert "You asked many people today" in typed.text and "Me too" in typed.text
    assert ContactRequest.objects.count() == MOST_A_DAY


def test_the_owner_hears_nothing_of_a_question_that_was_answered_or_whose_asker_left(smtp, owner, olga, carla):
    answered, left = ask(olga, owner), ask(carla, owner)
    for asked in (answered, left):
        tell_asked(asked)
    answered.answer(email=False, phone=False)
    type(carla).objects.filter(pk=carla.pk).update(left_at=timezone.now())
    deliver()
    assert not smtp.received and set(Delivery.objects.values_list("state", flat=True)) == {"suppressed"}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_for_one_row_and_three(sign_in, owner, rows, django_assert_max_num_queries):
    for person in UserFactory.create_batch(rows):
        ask(person, owner)
    client = sign_in(owner)
    client.get(reverse("contact_requests"))
    with django_assert_max_num_queries(6):
        assert client.get(reverse("contact_requests")).text.count("row__title") == rows


def test_the_database_shows_nothing_without_an_answer(owner, olga):
    asked = ask(olga, owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactRequest.objects.filter(pk=asked.pk).update(shows_phone=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactRequest.objects.filter(pk=asked.pk).update(asker=owner)
