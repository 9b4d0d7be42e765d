"""No form of the four apps shows a word of Django's: each message says what to do, in our own sentences."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from allauth.core.context import request_context
from django import forms
from django.core.exceptions import ValidationError
from django.urls import get_resolver
from django.utils.timezone import now

from committees.announcements.forms import AnnouncementForm, StaffAnnouncementForm
from committees.documents.forms import DocumentForm, VersionForm
from committees.forms import CommitteeForm
from committees.mailings.forms import HoldForm, MailingForm
from committees.models import Announcement, Committee, Document, IssueArea, Mailing, Publication
from committees.pictures.forms import PictureForm
from committees.publications.forms import PdfForm
from events.agenda.forms import AgendaItemForm
from events.availability.forms import FindForm
from events.availability.hours_forms import HoursForm, NightForm
from events.calendar.forms import CalendarForm
from events.models import AgendaItem, Decision, Meeting, MinutesPolicy, Poll, ReportDraft
from events.polls.forms import ChangeTimesForm, TimesForm
from events.record.actions.forms import ActionForm
from events.record.decisions.forms import DecisionForm
from events.record.importing import Look
from events.record.minutes.forms import ApproveForm, SendForm, WordsForm
from events.record.minutes.writing import current
from events.record.report_forms import LookForm
from events.run.entries import EntryForm
from events.schedule.forms import MeetingForm, MoveForm, WhenForm
from events.schedule.sharing_views import ShareForm
from members.applications.answers import Answers
from members.applications.decision_forms import AskMemberForm
from members.applications.forms import Question
from members.models import Application, ContactRequest, Import, Jurisdiction, Office, User
from members.places.forms import SettlePlaceForm
from members.privacy.forms import AnswerForm
from members.roster.bulk_acts.kinds import BulkForm
from members.roster.importing.forms import ChoicesForm, ColumnsForm
from members.roster.merging.comparing import Compared
from members.roster.merging.forms import MergeForm
from members.roster.segments.forms import SegmentForm
from members.settings.forms import AppForm, DetailsForm, NewAddressForm, PasskeyForm, PrivacyForm
from members.settings.notification_forms import NotificationsForm
from members.terms.forms import OfficeSeen
from members.web import plain_forms
from members.web.meanwhile import SeenForm, SharedForm
from portal import bundles
from portal.address_change import ChangeForm
from portal.staff.forms import (
    AnothersAddressForm,
    HandOnForm,
    IssueForm,
    PublicationForm,
    StaffCommitteeForm,
    StandingForm,
)

APPS = ("members", "committees", "events", "portal")
OTHER_WORDS = ("portal.views.styleguide", "members.admin")  # demo only; pages that are Django’s own
ABSTRACT = {plain_forms.Form, plain_forms.ModelForm, plain_forms.PlainWords, Question, SeenForm, SharedForm}
NASTY = ["", "x" * 20_000, "99999999999999", "-5", "0", "2027-99-99", "a@", "ht!tp:/x", "1.5", "Ω?"]


def classes() -> list[type[forms.BaseForm]]:
    """Every form of ours, as far as any address can reach it."""
    assert get_resolver().url_patterns  # imports all views

    def below(kind: type) -> Iterator[type]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    ours = {each for each in below(forms.BaseForm) if each.__module__.split(".")[0] in APPS}
    return sorted(
        (each for each in ours - ABSTRACT if each.__module__ not in OTHER_WORDS),
        key=lambda each: f"{each.__module__}.{each.__name__}",
    )


@pytest.fixture
def arguments(carla, mo, committee, meeting):
    """What a form is made with, by its class or by one it inherits from."""
    return {
        Question: {"answers": Answers(kind="city")},
        DocumentForm: {"committee": committee, "by": carla},
        VersionForm: {"by": carla},
        ChoicesForm: {"rows": []},
        ColumnsForm: {"imported": Import(sheet={"headings": ["Name"]}, columns={"0": "name"})},
        AnswerForm: {"asked": ContactRequest(asker=carla, owner=mo)},
        HoursForm: {"user": mo},
        NightForm: {"user": mo},
        FindForm: {"week": date(2027, 3, 8), "length": 60, "repeats": ""},
        EntryForm: {"meeting": meeting, "people": [mo], "on": date(2027, 3, 11)},
        TimesForm: {"zone_name": "America/Denver"},
        ChangeTimesForm: {"poll": Poll(timezone="America/Denver", closes_at=now()), "slots": []},
        ActionForm: {"people": [mo]},
        DecisionForm: {
            "instance": Decision(committee=committee),
            "committee": committee,
            "people": [mo],
            "voters": [mo],
        },
        WordsForm: {"document": current(meeting, None)},
        ShareForm: {"meeting": Meeting(), "by": mo},
        SendForm: {"policy": MinutesPolicy(), "confidential": False},
        ApproveForm: {"confidential": False},
        CommitteeForm: {"instance": Committee(timezone="America/New_York", reminder_offsets=[])},
        AnothersAddressForm: {"row": mo},
        LookForm: {"look": Look(ReportDraft(meeting=meeting))},
        StandingForm: {"row": mo, "reader": mo},
        ChangeForm: {"user": mo},
        OfficeSeen: {"row": Office(user=mo, title="Alder", jurisdiction=Jurisdiction(label="Pueblo"))},
        SettlePlaceForm: {"row": Application(place="Pueblo")},
        StaffAnnouncementForm: {"instance": Announcement()},
        MailingForm: {"instance": Mailing(), "reader": mo, "list_words": "All members"},
        HoldForm: {"zone": "America/Denver"},
        AnnouncementForm: {"instance": Announcement(committee=committee)},
        MoveForm: {"zone_name": "America/Denver"},
        WhenForm: {"zone_name": "America/Denver"},
        MeetingForm: {"instance": Meeting(), "committee": committee},
        AgendaItemForm: {"instance": AgendaItem(meeting=meeting), "people": [mo], "papers": Document.objects.all()},
        NotificationsForm: {"user": carla, "places": {}},
        DetailsForm: {"instance": carla},
        PrivacyForm: {"instance": carla.profile},
        CalendarForm: {"user": carla},
        NewAddressForm: {"user": carla},
        AppForm: {"user": carla},
        PasskeyForm: {"user": carla},
        StaffCommitteeForm: {"instance": Committee(timezone="America/New_York", reminder_offsets=[])},
        PublicationForm: {"instance": Publication()},
        IssueForm: {"instance": IssueArea()},
        HandOnForm: {"by": mo},
        MergeForm: {"compared": [Compared("name", "Name", "Mo Haddad", "Mohamed Haddad", is_asked=True)], "seen": ""},
        AskMemberForm: {"near": User.objects.all()},
        BulkForm: {"reader": carla},
        SegmentForm: {"owner": mo},
        PictureForm: {"by": mo},
        PdfForm: {"row": Publication(), "by": mo},
    }


def made_of(kind: type, arguments: dict, data: dict) -> forms.BaseForm:
    given = next((arguments[each] for each in kind.__mro__ if each in arguments), {})
    if "answers" in given:
        return kind(given["answers"], data)
    return kind(data, **given)


def djangos() -> list[re.Pattern]:
    """Its sentences, with anything where a value stands."""
    words = {re.escape(text) for text in plain_forms._djangos_words() if text} | {"Ensure .*", "Null .*"}
    return [re.compile(re.sub(r"%\\\(\w+\\\)[sd]|%[sd]", ".*", text)) for text in words]


def test_django_s_own_words_are_known():
    words = plain_forms._djangos_words()
    assert {"This field is required.", "Enter a valid date.", "Enter a valid URL."} <= words


def test_every_form_speaks_plainly(arguments):
    assert [each.__name__ for each in classes() if not issubclass(each, plain_forms.PlainWords)] == []


def test_no_message_is_django_s(arguments, rf):
    with request_context(rf.post("/")):
        shown = djangos_shown(arguments)
    assert "\n".join(shown) == ""


def djangos_shown(arguments: dict) -> list[str]:
    sentences, wrong = djangos(), set()
    for kind in classes():
        for text in NASTY:
            names = made_of(kind, arguments, {}).fields
            form = made_of(kind, arguments, dict.fromkeys(names, text))
            for name, errors in form.errors.items():
                wrong |= {
                    f"{kind.__name__}.{name} {text[:12]!r}: {error}"
                    for error in errors
                    if any(words.fullmatch(str(error)) for words in sentences) or "%(" in str(error)
                }
    return sorted(wrong)


def test_every_needed_answer_is_asked_for_in_words_of_its_own(arguments):
    general = set(map(str, plain_forms.ANYWHERE.values()))
    wanting = []
    for kind in classes():
        form = made_of(kind, arguments, {})
        wanting += [
            f"{kind.__name__}.{name}"
            for name, errors in form.errors.items()
            if name in form.fields and general & set(map(str, errors))
        ]
    assert wanting == []


def test_a_model_s_objections_are_said_plainly(meeting):
    item = AgendaItem(meeting=meeting, title="x" * 200, minutes=0)
    with pytest.raises(ValidationError) as refused:
        item.full_clean()
    words = plain_forms.in_plain_words(refused.value).message_dict
    assert words == {
        "title": ["Shorten this to 160 characters. It has 200 now."],
        "minutes": ["Enter a number of 1 or more"],
    }


def test_no_field_is_called_like_what_a_script_asks_of_its_form():
    """In a browser `form.method` is the field of that name, where there is one."""
    scripts = "".join(path.read_text() for path in (bundles.STATIC / "js").rglob("*.js"))
    asked = set(re.findall(r"\bform\??\.(\w+)", scripts))
    fields = {name for kind in classes() for name in getattr(kind, "base_fields", {})}
    assert "submit" in asked
    assert asked & fields == set()
