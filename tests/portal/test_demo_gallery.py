"""The gallery of the demo: every kind of mail, made by what sends it, in the looks that mail programs give it."""

import re
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import override_settings

from members.mail.kinds import registry
from members.models import AuditEntry, Delivery, User
from portal.demo import mail_programs
from portal.demo.letters import one_of_each
from portal.views.demo import LOOKS

pytestmark = pytest.mark.timeout(400)  # the demo network is loaded
LONGEST = 70  # of a subject: its titles are long, and lists of mails cut
BUTTON = '<td class="btn" style="padding: 0; mso-padding-alt: 12px 10px; border: 2px solid #15523f; border-radius: 12px"><a style="display: block; padding: 12px">Go</a></td>'
MAIL = f"""<!DOCTYPE html><html><head><style>@media (prefers-color-scheme: dark) {{
td {{ color: #ffffff !important; }}
}}</style></head><body style="background-color: #ffffff; color: #1a231f"><div style="display: none; mso-hide: all">Soon</div>
<!--[if mso]><p>For Outlook</p><![endif]--><table style="width: 100%; max-width: 600px"><tr>{BUTTON}</tr></table></body></html>"""


@pytest.fixture(scope="module")
def network(once_a_file, load_demo):
    with override_settings(DEMO=True):
        load_demo()
    return uuid4().hex


@pytest.fixture
def demo(network, db, settings, _own_cache):
    """The cache is that of the file: the gallery keeps its letters there, and to write them takes more than a second."""
    settings.DEMO = True
    cache.key_prefix = network


def test_there_is_one_mail_of_every_kind_and_nothing_of_it_stays(demo):
    counted = lambda: (Delivery.objects.count(), AuditEntry.objects.count(), User.objects.count())  # noqa: E731
    before = counted()
    mails = one_of_each()
    assert set(mails) == set(registry)
    assert counted() == before
    for kind, mail in mails.items():
        message = mail.message()
        assert message.subject and message.body and message.alternatives, kind
        assert len(message.subject) <= LONGEST, (kind, message.subject)


@pytest.mark.parametrize("look", LOOKS)
def test_each_look_shows_a_frame_a_kind(demo, client, look):
    page = client.get(f"/demo/gallery/?as={look}").content.decode()
    frames = re.findall(r'src="(/demo/gallery/\w+/\w+)"', page)
    assert len(frames) == len(registry) == page.count('sandbox="allow-popups')
    response = client.get(f"/demo/gallery/reminder/{look}")
    assert response.status_code == 200
    assert (
        "default-src 'none'" in response["Content-Security-Policy"] and "sandbox" in response["Content-Security-Policy"]
    )
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_what_is_no_kind_and_no_look_is_not_found(demo, client):
    assert client.get("/demo/gallery/reminder/nope").status_code == 404
    assert client.get("/demo/gallery/nope/html").status_code == 404


def test_without_a_network_there_is_nothing_to_show(demo, client):
    User.objects.filter(email="teresa@portal.example").update(email="somebody@portal.example")
    assert "manage.py demo" in client.get("/demo/gallery/").content.decode()


def test_outlook_takes_padding_of_cells_and_borders_of_tables_alone():
    seen = mail_programs.as_outlook(MAIL)
    assert "For Outlook" in seen and "<style>" not in seen
    assert "max-width" not in seen and "border-radius" not in seen and "display: block" not in seen
    assert '<a style="">' in seen and "border: 2px solid #15523f; padding: 12px 10px" in seen
    assert '<div style="display: none">' in seen


def test_dark_text_and_light_backgrounds_are_turned_and_the_middle_stays():
    partly = mail_programs.darkened_partly
    assert "color: #f" in partly('<p style="color: #1a231f">x</p>') or "color: #e" in partly(
        '<p style="color: #1a231f">x</p>'
    )
    assert "#f5b83d" in partly('<p style="background-color: #f5b83d">x</p>')
    assert "#1b1b1b" in partly('<p style="background-color: #ffffff">x</p>')
    assert "#ffffff" in partly('<p style="color: #ffffff">x</p>')


def test_outlook_on_the_web_makes_white_333333():
    assert "background-color: #333333" in mail_programs.darkened_wholly(MAIL)


def test_a_mail_s_own_dark_colors_apply_whatever_the_system_says():
    assert "@media" not in mail_programs.in_its_own_dark(MAIL)
    assert "color: #ffffff !important" in mail_programs.in_its_own_dark(MAIL)
