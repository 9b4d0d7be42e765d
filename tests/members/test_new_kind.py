"""A new kind of message is a class and three templates: nothing else in the portal has to know it."""

import copy
from typing import Any

import pytest
from django.db.models import Exists, OuterRef
from django.test import Client

from committees.models import Committee
from members.mail import links
from members.mail.bulk.sending import preview_act
from members.mail.kinds import Cadence, Category, Notice, registry
from members.mail.outgoing.worker import deliver
from members.mail.suppression import SuppressionRule
from members.mail_desk.explain import explain
from members.models import Delivery, NotificationPreference
from tests.pipeline import TUESDAY, summarize

pytestmark = pytest.mark.django_db

KIND = "minutes_of_a_test"
TEMPLATES = {
    "subject.txt": "Minutes to approve: {{ committee }}",
    "txt": '{% extends "emails/base.txt" %}{% block body %}Read them: {{ url }}{% endblock %}{% block footer %}Stop: {{ stop_url }}{% endblock %}',
    "html": '{% extends "emails/base.html" %}{% block body %}<p><a href="{{ url }}">Read them</a></p>{% endblock %}{% block footer %}<a href="{{ stop_url }}">Stop</a>{% endblock %}',
}


@pytest.fixture(autouse=True)
def minutes(settings, tmp_path):
    """The whole of the new kind; it is taken out of the registry afterwards."""
    (tmp_path / "emails").mkdir()
    for ending, template in TEMPLATES.items():
        (tmp_path / "emails" / f"{KIND}.{ending}").write_text(template)
    engines = copy.deepcopy(settings.TEMPLATES)
    engines[0]["DIRS"] = [*engines[0]["DIRS"], tmp_path]
    settings.TEMPLATES = engines

    class MinutesToApprove(Notice):
        kind, label, category = KIND, "Minutes to approve", Category.ROUTINE
        cadences = Cadence.values

        def suppress_if(self) -> list[SuppressionRule]:
            ended = Committee.objects.filter(pk=OuterRef("about_id"), archived_at__isnull=False)
            return [SuppressionRule(Exists(ended), "The committee ended its work.")]

        def load(self, deliveries: list[Delivery]) -> dict[int, Committee]:
            return Committee.objects.in_bulk([delivery.about_id for delivery in deliveries])

        def context(self, delivery: Delivery, facts: dict[int, Committee]) -> dict[str, Any]:
            return {"committee": facts[delivery.about_id].name, "url": "https://portal.example/minutes/7/"}

    yield MinutesToApprove
    del registry[KIND]


@pytest.fixture
def tell(minutes, committee, mo):
    return lambda: minutes.enqueue(
        [mo], f"minutes:{committee.pk}", dedupe_key=f"{KIND}:{Delivery.objects.count()}", scope=committee.scope
    )


def last() -> Delivery:
    return Delivery.objects.filter(kind=KIND).latest("pk")


def test_it_is_sent_once_with_text_and_html(smtp, tell, mo):
    tell()
    deliver()
    (mail,) = smtp.to(mo.email)
    assert mail.message["Subject"] == "Minutes to approve: Economic Justice"
    for sort in ("plain", "html"):
        assert "https://portal.example/minutes/7/" in mail.message.get_body((sort,)).get_content()
    assert explain(last()).startswith("The mail server took it ")


def test_its_own_reason_stops_it_and_explains_it(smtp, tell, committee, mo):
    tell()
    Committee.objects.filter(pk=committee.pk).update(archived_at="2026-01-01T00:00Z")
    assert explain(last()) == "It will not be sent: The committee ended its work."
    deliver()
    assert (last().state, explain(last()), smtp.received) == ("suppressed", "The committee ended its work.", [])


def test_the_settings_offer_it_and_what_is_chosen_holds(smtp, sign_in, tell, mo):
    page = sign_in(mo).get("/settings/notifications/").text
    assert "Minutes to approve" in page
    NotificationPreference.objects.create(user=mo, kind=KIND, cadence="never")
    tell()
    deliver()
    assert last().reason == "The person turned this kind of message off."


def test_one_click_stops_exactly_it_for_that_committee(smtp, tell, committee, mo):
    tell()
    deliver()
    address = smtp.received[0].message["List-Unsubscribe"].strip(" <>").removeprefix("http://testserver")
    stranger = Client(enforce_csrf_checks=True)
    assert "Minutes to approve" in stranger.get(address).text
    assert not NotificationPreference.objects.exists()
    assert stranger.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    chosen = NotificationPreference.objects.values_list("user", "kind", "scope", "cadence")
    assert list(chosen) == [(mo.pk, KIND, committee.scope, "never")]


def test_once_a_day_it_is_a_line_of_the_summary(smtp, tell, mo):
    NotificationPreference.objects.create(user=mo, kind=KIND, cadence="daily")
    tell()
    deliver()
    assert (last().state, explain(last())) == ("digested", "It is kept for the next summary, as the person chose.")
    summarize(TUESDAY)
    deliver()
    (mail,) = smtp.to(mo.email)
    text = mail.message.get_body(("plain",)).get_content()
    assert "Minutes to approve: Economic Justice" in text and "https://portal.example/minutes/7/" in text


def test_it_is_previewed_like_all_others(tell, committee, carla, mo):
    preview = preview_act(tell, carla)
    assert (preview.people, preview.samples[0].subject) == (1, "Minutes to approve: Economic Justice")
    assert not Delivery.objects.exists()


def test_staff_find_and_filter_it(sign_in, tell, stu, mo):
    tell()
    page = sign_in(stu).get(f"/staff/messages/?kind={KIND}").text
    assert "Minutes to approve" in page and mo.name in page
    assert links.absolute("staff_delivery", last().pk).removeprefix("http://testserver") in page
