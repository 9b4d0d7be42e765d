"""Every kind of message, as it arrives: one story in which each is sent, looked at from many sides."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest

from members.mail import reply_addresses
from members.mail.emails import KEY, message_id
from members.mail.kinds import Category, choosable, registry
from members.mail.rendering import write_mails
from members.models import Delivery
from tests.story import everything_once as everything
from tests.story import story

__all__ = ["everything", "story"]

pytestmark = pytest.mark.django_db


class Reader(HTMLParser):
    """The links, the visible words and whether every element that must be closed is."""

    VOID = {"meta", "br", "img", "hr", "input", "link"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links, self.open, self.unbalanced, self.styles = set(), [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.links.add(dict(attrs)["href"])
        if tag not in self.VOID:
            self.open.append(tag)
        self.styles += "style" in dict(attrs)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def test_every_kind_is_sent_and_can_be_read(everything):
    assert set(Delivery.objects.filter(state="sent").values_list("kind", flat=True)) == set(registry)
    unsent = Delivery.objects.exclude(state="sent")
    assert list(unsent.values_list("kind", "recipient__given_name", "reason")) == []


def test_every_mail_has_subject_text_and_html_and_no_defects(everything):
    for mail in everything:
        parsed = message_from_bytes(mail.raw, policy=policy.default)
        bodies = {kind: parsed.get_body((kind,)).get_content() for kind in ("plain", "html")}
        subject, text, html = parsed["Subject"], bodies["plain"], bodies["html"]
        assert subject == subject.strip() and 10 < len(subject) < 120
        assert len(text.strip().splitlines()) > 4 and len(html) > 1000
        for words in (subject, text, html):
            assert not re.search(KEY + r"|\{[{%]|None|&amp;amp;|&#x27;.*txt", words), (subject, words)
        assert "&" not in re.sub(r"https?://\S+", "", text) and "\n\n\n" not in text.replace("\r", "")
        for part in parsed.walk():
            assert part.defects == [], (subject, part.defects)
        assert max(map(len, mail.raw.splitlines())) <= 998


def test_every_mail_comes_from_the_one_address_to_one_person_and_asks_for_no_auto_reply(everything):
    """The tag is in ORGANIZER, where an answer to the calendar entry comes back (docs/adr/0031-one-sender.md)."""
    for mail in everything:
        (sender,) = mail.message["From"].addresses
        assert sender.addr_spec == "calls@portal.example"
        organizer = re.search(rb"ORGANIZER.*?mailto:(\S+?\r?\n(?: \S+\r?\n)*)", mail.raw)
        tagged = organizer and reply_addresses.read(
            reply_addresses.ANSWER, re.sub(rb"\r?\n ?", b"", organizer[1]).decode()
        )
        assert bool(tagged) == (b"text/calendar" in mail.raw)
        assert mail.message["From"].addresses[0].display_name.endswith("Local Progress")
        assert [address.addr_spec for address in mail.message["To"].addresses] == [mail.recipient]
        assert mail.message["Auto-Submitted"] in ("auto-generated", "auto-replied")
        assert mail.message["Cc"] is None and mail.message["Bcc"] is None


def test_every_message_id_is_the_one_of_its_delivery(everything):
    assert {mail.id for mail in everything} == {message_id(row) for row in Delivery.objects.all()}
    assert len(everything) == Delivery.objects.count()


def test_the_mail_that_travels_is_the_one_that_is_built_anew_for_each(everything):
    """What is shared and filled, against Django's own composition."""
    again = Delivery.objects.select_related("recipient").exclude(kind="daily_digest")  # what it told is told
    for mail in write_mails(again).values():
        assert mail.rendered.shared, mail.delivery.kind
        travelling, built = (
            message_from_bytes(content, policy=policy.default)
            for content in (mail.content(), mail.message().message().as_bytes(linesep="\r\n"))
        )
        assert travelling["Subject"].strip() == built["Subject"].strip()
        names = ("From", "To", "Reply-To", "Message-ID", "Auto-Submitted", "List-Unsubscribe-Post")
        assert [travelling[name] for name in names] == [built[name] for name in names]
        parts = [
            [
                (part.get_content_type(), part.get_filename(), part.get_content())
                for part in message.walk()
                if not part.is_multipart()
            ]
            for message in (travelling, built)
        ]
        assert parts[0] == parts[1]


def test_text_and_html_hold_the_same_links_except_to_settings(everything):
    for mail in everything:
        text, html = (mail.message.get_body((kind,)).get_content() for kind in ("plain", "html"))
        written = set(re.findall(r"https?://\S+?(?=[\s)]|$)", text))
        links = Reader(html).links
        assert {
            link for link in links - written if "/settings/" not in link and not link.startswith(("mailto:", "tel:"))
        } == set(), mail.message["Subject"]


def test_every_html_is_balanced_and_has_its_styles_inlined(everything):
    for mail in everything:
        reader = Reader(mail.message.get_body(("html",)).get_content())
        assert (reader.open, reader.unbalanced) == ([], [])
        assert reader.styles > 10
        html = mail.message.get_body(("html",)).get_content()
        assert html.count("<style>") == 1 and "@media (prefers-color-scheme: dark)" in html
        assert "<img" not in html and "<script" not in html


def test_every_html_begins_with_its_charset_and_hides_nothing_but_the_preheader(everything):
    for mail in everything:
        html = mail.message.get_body(("html",)).get_content()
        assert '<head><meta charset="utf-8">' in html
        (hidden,) = re.findall(r'<(\w+) [^>]*style="[^"]*display: none[^"]*mso-hide: all', html)
        assert hidden == "div" and "font-size: 1px" not in html


def test_every_button_is_a_cell_with_border_padding_and_color(everything):
    """Outlook for Windows knows none of them on a link."""
    buttons = 0
    for mail in everything:
        html = mail.message.get_body(("html",)).get_content()
        for style, _link in re.findall(r'<td class="btn[^>]* style="([^"]*)">\s*(<a [^>]*display: block[^>]*>)', html):
            assert all(name in style for name in ("border: 2px solid", "background-color: #", "mso-padding-alt: 12px"))
            buttons += 1
        assert html.count("display: block") == html.count('class="btn')
    assert buttons > 40


def test_what_people_wrote_is_escaped(everything):
    (mail,) = [mail for mail in everything if "asks to join" in mail.message["Subject"]]
    assert "Let me &lt;in&gt;" in mail.message.get_body(("html",)).get_content()
    assert "Let me <in>" in mail.message.get_body(("plain",)).get_content()


def test_one_click_unsubscribing_is_offered_for_what_is_optional_and_for_nothing_else(everything):
    kinds = {message_id(row): registry[row.kind] for row in Delivery.objects.all()}
    for mail in everything:
        notice, headers = kinds[mail.id], (mail.message["List-Unsubscribe"], mail.message["List-Unsubscribe-Post"])
        if notice.category == Category.ROUTINE:
            assert re.fullmatch(r"<http://testserver/u/[\w.:-]+/>", headers[0].strip())
            assert headers[1] == "List-Unsubscribe=One-Click"
            assert headers[0].strip(" <>") in mail.message.get_body(("plain",)).get_content()
        else:
            assert headers == (None, None), notice.kind
    assert {notice.kind for notice in choosable()} == {
        "action_assigned", "action_due", "agenda_published", "announcement", "contact_asked", "daily_digest", "invitation", "join_request", "mailing", "minutes", "minutes_due",
            "minutes_objection", "network_announcement", "nudge", "poll", "poll_closed", "poll_reminder", "poll_times",
        "reminder", "series_invitation", "terms_end", "vouch_asked", "weekly_digest",
    }  # fmt: skip


def test_every_mail_names_its_kind_under_who_sends_it(everything):
    kinds = {message_id(row): row.kind for row in Delivery.objects.all()}
    for mail in everything:
        first = mail.message.get_body(("plain",)).get_content().splitlines()[0]
        sender, _between, named = first.partition(" · ")
        if named and kinds[mail.id] not in ("daily_digest", "weekly_digest"):  # which name a day there
            assert named == registry[kinds[mail.id]].title, sender


def test_calls_go_over_the_mailer_that_takes_calendars(everything):
    assert {kind for kind, notice in registry.items() if notice.mailer == "calendar"} == {
        "cancelled", "changed", "invitation", "moved", "nudge", "reminder", "rsvp_confirmation",
        "seat_offered", "series_answered", "series_changed", "series_invitation", "series_withdrawn", "withdrawn",
    }  # fmt: skip
