"""The text part of each mail: lines that flow, a mark before the signature, and what the HTML part says."""

import re
from datetime import time

import pytest
from bs4 import BeautifulSoup

from events.messages.invitations import tell_scheduled
from events.schedule import scheduling
from members.mail.emails import message_id
from members.mail.flowing import LONGEST, flowed
from members.mail.kinds import registry
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from tests.pipeline import DAY, call_in
from tests.story import everything_once as everything
from tests.story import story

__all__ = ["everything", "story"]

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r"(?:https?|tel|mailto):\S+")
WORD = re.compile(r"[\w’'@.-]*\w")


def joined(text: str) -> str:
    """As a program reads it that knows of flowing text (RFC 3676 4.1)."""
    lines = [line.removeprefix(" ") for line in text.replace("\r\n", "\n").split("\n")]
    found = [""]
    for line in lines:
        found[-1] += line
        if line == "-- " or not line.endswith(" "):
            found.append("")
    return "\n".join(found)


def words(text: str) -> list[str]:
    return WORD.findall(ADDRESS.sub(" ", text).lower())


def seen(html: str) -> str:
    """What a reader sees: without the preheader, which stands beside the subject alone."""
    page = BeautifulSoup(html, "html.parser")
    for part in page(["style", "title"]) + page.find_all(class_="preheader"):
        part.decompose()
    return page.get_text(" ")


def first_of_each_kind(received) -> dict[str, object]:
    kinds = {message_id(row): row.kind for row in Delivery.objects.all()}
    found = {}
    for mail in received:
        found.setdefault(kinds[mail.id], mail.message)
    assert found.keys() == registry.keys()
    return found


def both_parts(mail) -> tuple[str, str]:
    return mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()


def test_text_and_html_of_each_kind_say_the_same_words(everything):
    differ = {}
    for kind, mail in first_of_each_kind(everything).items():
        text, html = both_parts(mail)
        text, html = set(words(joined(text))), set(words(seen(html)))
        if text != html:
            differ[kind] = {"only in the text": sorted(text - html), "only in the HTML": sorted(html - text)}
    assert differ == {}


def test_each_text_flows_and_has_its_mark_whole(everything):
    for kind, mail in first_of_each_kind(everything).items():
        part = mail.get_body(("plain",))
        lines = part.get_content().replace("\r\n", "\n").split("\n")
        assert part.get_param("format") == "flowed", kind
        assert lines.count("-- ") == 1, kind
        assert [line for line in lines if len(line) > LONGEST and "://" not in line] == [], kind
        soft = [at for at, line in enumerate(lines) if line.endswith(" ") and line != "-- "]
        assert all(lines[at + 1] for at in soft), kind


@pytest.mark.parametrize(
    "text",
    [
        "short\n-- \nunder it",
        f"{'word ' * 40}end\n\n{'long ' * 30}line",
        f"> quoted by somebody\nFrom here on {'it flows ' * 20}on",
        f"{'x' * 200} {'y' * 100}",
        f"See it: https://portal.example/{'a' * 200} and go on",
        "",
    ],
)
def test_what_was_broken_is_joined_again(text):
    assert joined(flowed(text)).rstrip("\n") == text.rstrip("\n")


def test_marks_that_mean_something_at_the_start_of_a_line_are_stuffed():
    assert flowed("> a\nFrom b\n c") == " > a\n From b\n  c"


def test_invitation_and_move_tell_the_phone_in_both_parts(smtp, committee, carla, mo):
    call = call_in(5 * DAY, committee, carla, dial_in="669-555-0199, 844 1234#")
    tell_scheduled(call)
    deliver()
    scheduling.move(
        call, carla, local_date=call.local_date, local_time=time(9, 5), timezone=call.timezone, reason="A hearing."
    )
    deliver()
    invited, moved = [mail.message for mail in smtp.to(mo.email)][-2:]
    for mail in (invited, moved):
        text, html = both_parts(mail)
        assert "By phone: 669-555-0199, 844 1234#" in text and "tel:+16695550199,,8441234#" in text
        assert 'href="tel:+16695550199,,8441234#"' in html
