"""A name in a script that runs from right to left turns nothing around it."""

import re
from datetime import date, time
from html import unescape
from pathlib import Path

import pytest
from django.urls import reverse

from events.schedule import scheduling
from members.mail import links
from members.mail.outgoing.worker import deliver
from portal.template_loader import lean
from tests.factories import MeetingFactory, MembershipFactory, UserFactory

NAME = "נועה לוי"
CALL = {"local_date": date(2027, 3, 11), "local_time": time(13), "timezone": "America/Denver", "duration": 60}
PREHEADER = re.compile(
    r"{% block preheader %}.*?{% endblock %}|{% comment %}.*?{% endcomment %}|<title>.*?</title>", re.DOTALL
)
PEOPLES = re.compile(
    r"(?<!<bdi>){{ (?:[a-z_.]*\.)?(?:name|title|headline|purpose|reason|note|moved_by|canceled_by|person|committee|place) }}"
    r"|(?<!dir=\"auto\">){{ [a-z_.]+\|linebreaks }}"
)


@pytest.mark.parametrize("url", ["/people/?q=נועה", "/search/?q=נועה", "/committees/economic-justice/people/"])
def test_names_in_lists_and_sentences_stand_by_themselves(sign_in, mo, committee, url):
    MembershipFactory(committee=committee, user=UserFactory(name=NAME))
    page = sign_in(mo).get(url).text.replace("<mark>", "").replace("</mark>", "")
    assert f"<bdi>{NAME}</bdi>" in page


def test_a_profile_isolates_the_name_and_lets_its_words_run_their_way(sign_in, mo):
    noa = UserFactory(name=NAME)
    noa.profile.bio = "שלום"
    noa.profile.save()
    page = sign_in(mo).get(f"/people/{noa.pk}/").text
    assert f"<bdi>{NAME}</bdi>" in page and 'dir="auto"' in page


def test_the_page_of_an_answer_link_isolates_names_and_titles(client, committee, carla):
    noa = MembershipFactory(committee=committee, user=UserFactory(name=NAME)).user
    call = MeetingFactory(committee=committee, by=carla, title="ישיבה")
    page = client.get(reverse("rsvp_link", args=[links.rsvp_token(noa.pk, call.pk)])).text
    assert f"<bdi>{NAME}</bdi>" in page and "<bdi>ישיבה</bdi>" in page


def test_a_mail_isolates_the_words_of_people_and_each_co_chair(smtp, committee, carla, mo):
    MembershipFactory(committee=committee, user=UserFactory(name=NAME), role="chair")
    committee.name = "ועדה"
    committee.save()
    scheduling.schedule(committee, carla, title="ישיבה", summary="שלום", **CALL)
    deliver()
    mail = next(each for each in smtp.to(mo.email))
    html = mail.message.get_body(["html"]).get_content()
    assert "<bdi>ישיבה</bdi></h1>" in html and re.search(r'<div dir="auto">\s*<p[^>]*>שלום', html)
    assert f"<bdi>{carla.name}</bdi> and <bdi>{NAME}</bdi>, co-chairs" in unescape(html).replace("\n", " ")
    assert "on <bdi>ועדה</bdi>" in html
    assert "<bdi>" not in mail.message.get_body(["plain"]).get_content()


def test_every_mail_isolates_what_people_wrote():
    """A variable with somebody's words stands within bdi or dir="auto", in all templates of mails."""
    found = [
        f"{path.name}: {match[0]}"
        for path in Path("templates/emails").glob("*.html")
        for match in PEOPLES.finditer(PREHEADER.sub("", lean(path.read_text())))
    ]
    assert found == []
