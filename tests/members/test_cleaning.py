"""Signs that nobody sees never reach the database, by whatever door they come."""

import json
import unicodedata
from itertools import chain

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import get_resolver, reverse
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from committees.models import Announcement, IssueArea
from events.models import Meeting, Rsvp
from members.fields import Clean, CleanForm, CleanSerializer, LineField
from members.models import Application, Office, User
from members.text.cleaning import line, words
from tests.factories import JurisdictionFactory, MeetingFactory, UserFactory

OURS = ("members", "committees", "events", "portal")

# Columns that hold no words of people: codes, keys, addresses, what our own code writes.
NOT_WRITTEN_BY_PEOPLE = {
    "committees.Committee": {"slug", "timezone", "quilt_block", "quilt_hue"},
    "committees.Announcement": {"state"},
    "committees.DocumentVersion": {"content_type", "reason", "sha256", "text"},
    "committees.IssueArea": {"slug"},
    "committees.Publication": {"slug", "external_url", "states"},
    "committees.EarlierAddress": {"slug"},
    "committees.Picture": {"key"},
    "events.Book": {"fingerprint"},
    "events.SeriesAnswer": {"key"},
    "events.Meeting": {"slug", "timezone", "video_url", "uid"},
    "events.Minutes": {"words"},  # copied from a revision, clean
    "events.MinutesComment": {"section"},
    "events.MeetingSeries": {"key", "timezone", "rule", "video_url", "uid"},
    "events.RsvpAnswer": {"page"},
    "events.Poll": {"timezone"},
    "events.CalendarReply": {"sender"},
    "events.ReplyNote": {"sender"},
    "members.Application": {"wanted"},
    "members.AuditEntry": {"verb"},
    "members.Delivery": {
        "address",
        "kind",
        "about",
        "dedupe_key",
        "scope",
        "reason",
        "last_reply",
        "message_subject",
        "returned_reason",
    },
    "members.Enrollment": {"digest"},
    "members.Findable": {"kind", "title", "body"},  # copies of what is stored clean
    "members.FormerAddress": {"email"},
    "members.Import": {"layout"},
    "members.ImportLayout": {"key"},
    "members.ImportRow": {"reason", "safe", "choice", "done_reason", "undo_reason"},
    "members.InboundMail": {"message_id", "envelope_from", "envelope_to", "last_error", "sender"},
    "members.Jurisdiction": {"names", "ocd_id", "state", "time_zone", "words"},
    "members.MergedRow": {"mark"},
    "members.Pipeline": {"identity", "held_reason"},
    "members.KeptForm": {"token", "session", "page"},
    "members.BulkAct": {"kind"},
    "members.BulkActPerson": {"note"},
    "members.CacheEntry": {"key"},
    "members.Count": {"key"},
    "members.ErasedAddress": {"digest"},
    "members.RetentionRule": {"name"},
    "members.MailedCode": {"purpose", "digest"},
    "members.WrongSteps": {"device"},
    "members.NotificationPreference": {"kind", "scope", "before"},
    "members.Profile": {"phone"},
    "members.BulkSend": {"kind", "about", "dedupe_key"},
    "members.Stumble": {"part", "reason"},
    "members.Submission": {"token", "answer"},
    "members.Suppression": {"address", "detail", "reply"},
    "members.TableView": {"columns"},
    "members.User": {"password", "email", "timezone"},
}
NOT_KEPT = {"answer", "page", "code", "shown", "about", "timezone", "password", "credential", "seen", "undo"}


def test_every_text_that_people_write_is_stored_clean():
    found = {}
    for model in chain.from_iterable(apps.get_app_config(app).get_models() for app in OURS):
        if model._meta.auto_created or hasattr(model, "pgh_tracked_model"):
            continue
        for field in model._meta.local_fields:
            text = getattr(field, "base_field", field)
            if (
                isinstance(text, (models.CharField, models.TextField))
                and not text.choices
                and not isinstance(text, Clean)
            ):
                found.setdefault(model._meta.label, set()).add(field.name)
    assert found == NOT_WRITTEN_BY_PEOPLE


def _all_below(base):
    for each in base.__subclasses__():
        yield each
        yield from _all_below(each)


def test_every_form_cleans_what_is_typed():
    _ = get_resolver().url_patterns
    dirty = {
        f"{form.__module__}.{form.__qualname__}.{name}"
        for form in set(_all_below(forms.BaseForm))
        if form.__module__.partition(".")[0] in OURS and not form.__module__.endswith("styleguide")
        for name, field in getattr(form, "base_fields", {}).items()
        if type(field) is forms.CharField and not isinstance(field, CleanForm) and name not in NOT_KEPT
    }
    assert dirty == set()


def test_every_body_of_the_api_is_cleaned():
    schema = SchemaGenerator().get_schema(public=True)
    bodies = set()
    for operation in chain.from_iterable(path.values() for path in schema["paths"].values()):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            bodies.add(content["schema"]["$ref"].rpartition("/")[2])
    written = [
        each for each in _all_below(serializers.BaseSerializer) if each.__name__.removesuffix("Serializer") in bodies
    ]
    assert bodies and len(written) >= len(bodies)
    dirty = {
        f"{each.__name__}.{name}"
        for each in written
        for name, field in each().fields.items()
        if type(field) is serializers.CharField and not isinstance(field, CleanSerializer) and name not in NOT_KEPT
    }
    assert dirty == set()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ann\u202enimdA", "AnnnimdA"),
        ("Zo\u200be Smith", "Zoe Smith"),
        ("\u200b", ""),
        ("\u2800\u3164\u115f\ufeff \u00ad", ""),
        ("\u2066Mo\u2069 \u200fHaddad\u200e", "Mo Haddad"),
        ("Jose\u0301 Mun\u0303oz", "José Muñoz"),
        ("Ｃａｒｌａ　Ｎúñez", "Carla Núñez"),
        ("ﬁnal  re\u00adport\u00a0\n2", "final report 2"),
        ("O´Brien and ｶ", "O´Brien and カ"),
        ("1½ hours of CO₂, 5²", "1½ hours of CO₂, 5²"),
        ("Tab\there\x00\x1b[31m", "Tab here[31m"),
        ("Tag\U000e0041\U000e0042ged\ufe0f", "Tagged"),
        ("Lost \ud800half \ue000private\uffff", "Lost half private"),
        ("👩‍⚕️ Health, 1️⃣ 🩷", "👩‍⚕️ Health, 1️⃣ 🩷"),
        ("می‌خواهم", "می‌خواهم"),
        ("a\u200db", "ab"),
    ],
)
def test_a_line_has_one_spelling_and_nothing_unseen(typed, stored):
    assert line(typed) == stored
    assert line(stored) == stored


def test_words_keep_their_lines_and_leading_spaces():
    assert (
        words("One\r\ntwo\u2028three\u200b\r\r\n  - four\u202e\t2 m²…\r\n\u200b\r\n")
        == "One\ntwo\nthree\n\n  - four 2 m²…"
    )
    assert words("\u200b\n \u2800\r\n") == ""
    assert words("Cafe\u0301") == "Café"


UNSEEN = "\u202e\u200b\u2800"


def test_the_database_keeps_no_unseen_signs_by_any_way_of_writing(committee, carla):
    person = UserFactory(name=f"Ann\u202e{UNSEEN} Lee")
    assert (person.name, person.given_name) == ("Ann Lee", "Ann")
    User.objects.filter(pk=person.pk).update(name="Zo\u200be Smith")
    place = JurisdictionFactory()
    Office.objects.bulk_create([Office(user=person, title="May\u00ador", level="city", jurisdiction=place)])
    IssueArea.objects.create(slug="x", name="X\u200b", tagline="a\r\nb", vision="v", levers=["Pa\u200by"])
    meeting = MeetingFactory(committee=committee, by=carla, title="Fair\u202e work")
    Announcement.objects.create(committee=committee, author=carla, headline="New\u2028s", body="a\r\nb\u200b")
    person.refresh_from_db()
    assert person.name == "Zoe Smith"
    assert person.offices.get().title == "Mayor"
    issue = IssueArea.objects.get(slug="x")
    assert (issue.name, issue.tagline, issue.levers) == ("X", "a\nb", ["Pay"])
    assert Meeting.objects.get(pk=meeting.pk).title == "Fair work"
    assert Announcement.objects.values_list("headline", "body").get() == ("New s", "a\nb")


def test_what_grows_while_it_is_cleaned_still_fits():
    field = User._meta.get_field("name")
    grown = field.get_prep_value("\ufdfa" * 100)
    assert len(grown) == 120 and unicodedata.is_normalized("NFKC", grown)


def test_a_topic_of_unseen_signs_is_no_topic(sign_in, carla, committee):
    page = sign_in(carla).post(reverse("meeting_schedule", args=[committee.slug]), {"title": "\u200b"})
    assert page.status_code in (200, 422)
    assert page.context["words"].errors["title"]
    assert not Meeting.objects.exists()


def test_a_note_of_unseen_signs_is_no_note(sign_in, mo, meeting):
    url = f"/api/meetings/{meeting.slug}/rsvp/"
    answer = {"response": "accepted", "version": 0, "note": "\u200b"}
    given = sign_in(mo).put(url, json.dumps(answer), content_type="application/json")
    assert (given.status_code, given.json()["note"]) == (200, "")
    late = {"response": "accepted", "version": 1, "note": "Late\u202e\u200b, sorry"}
    sign_in(mo).put(url, json.dumps(late), content_type="application/json")
    assert Rsvp.objects.get(meeting=meeting, user=mo).note == "Late, sorry"


def test_an_application_is_stored_clean(ana):
    application = Application.submit(
        ana, title="Coun\u200bcil\nmember", jurisdiction=JurisdictionFactory(), why="One\r\n\u202etwo"
    )
    application.refresh_from_db()
    assert (application.title, application.why) == ("Council member", "One\ntwo")


def test_what_is_far_too_long_is_refused_before_its_letters_are_looked_at(monkeypatch):
    looked = []
    monkeypatch.setattr(LineField, "cleaned", staticmethod(lambda text: looked.append(len(text)) or text.strip()))
    field = LineField(max_length=240)
    with pytest.raises(ValidationError, match="240"):
        field.clean("é" * 60_000)
    assert looked == []
    assert field.clean(" é " * 80)[:1] == "é"
