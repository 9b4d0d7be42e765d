"""A mail about how somebody signs in says when and from which device, and leads to a page that ends what a stranger began."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from knox.models import AuthToken

from members.accounts.messages import tell_security_news
from members.mail import links
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(smtp, mo):
    tell_security_news(mo, "A passkey was added.", device="Firefox on Windows")
    deliver()
    return smtp.to(mo.email)[0].message.get_body(("plain",)).get_content()


@pytest.fixture
def address(told) -> str:
    return re.search(r"This wasn’t me: http://testserver(\S+)", told)[1]


def test_the_mail_says_when_and_on_which_device(told):
    assert re.search(r"A passkey was added\.\r?\n\w+, \w+ \d+, .*, Firefox on Windows", told)


def test_opening_it_changes_nothing(address, mo, sign_in):
    client = sign_in(mo)
    for _time in range(3):
        page = Client().get(address)
        Client().head(address)
    assert "A passkey was added." in page.text and client.get("/settings/details/").status_code == 200
    assert not AuditEntry.objects.filter(verb="said it was not them").exists()


def test_pressing_it_signs_out_everywhere_ends_tokens_and_tells_administrators(smtp, address, mo, ada, sign_in):
    client, _token = sign_in(mo), AuthToken.objects.create(mo)
    stranger = Client(enforce_csrf_checks=True)
    assert "signed out everywhere" in stranger.post(address).text
    assert client.get("/settings/details/").status_code == 302
    assert not AuthToken.objects.filter(user=mo).exists() and not UserSession.objects.filter(user=mo).exists()
    stranger.post(address)
    deliver()
    (mail,) = smtp.to(ada.email)
    assert "says that a change to how they sign in was not them" in mail.message.get_body(("plain",)).get_content()
    assert AuditEntry.objects.filter(verb="said it was not them").count() == 1


def test_a_token_of_another_person_or_mail_does_nothing(address, mo, olga):
    news = Delivery.objects.get(kind="security_news")
    for token in (
        links.make(links.NOT_ME, olga.pk, news.pk),
        links.make(links.NOT_ME, mo.pk, news.pk + 1),
        links.unsubscribe_token(mo.pk, "reminder"),
    ):
        assert Client().post(f"/n/{token}/").status_code == 404
    assert not AuditEntry.objects.filter(verb="said it was not them").exists()
