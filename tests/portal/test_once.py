"""The same post twice at the same moment makes one thing: with the form's key, without one, and without any script."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from knox.models import AuthToken

from committees.models import (
    Announcement,
    Committee,
    Document,
    DocumentVersion,
    JoinRequest,
    Mailing,
    Membership,
    Publication,
)
from events.models import (
    ActionItem,
    AgendaItem,
    Decision,
    Meeting,
    MeetingSeries,
    MinutesComment,
    Poll,
    Proposal,
    ReportDraft,
)
from members.models import AuditEntry, ContactRequest, Delivery, Import, InboundMail, Office, Segment, Submission
from members.tasks import forget_forms
from tests.access_table import TABLE
from tests.access_world import World, make_world
from tests.factories import MeetingFactory

CALL = {"title": "Wage theft", "local_date": "2027-03-11", "local_time": "13:00", "timezone": "America/Denver"}
CALL |= {"duration": "60", "quiet": "1"}
DECISION = {"motion": "Run buses", "method": "consent", "decided_on": "2026-03-11"}
SERIES = CALL | {"every": "month", "place": "2", "weekday": "1", "ends": "count", "count": "3"}
POLL = {"title": "When?", "duration": "60", "timezone": "America/Denver", "quiet": "1"}
POLL |= {f"{name}_{n}": value for n in (1, 2) for name, value in (("date", f"2027-03-1{n}"), ("time", "13:00"))}
COMMITTEE = {"name": "Transit", "kind": "steering", "purpose": "Buses.", "join_policy": "open"}
COMMITTEE |= {"timezone": "America/New_York"}
PUBLICATION = {"type": "report", "title": "Buses run late", "summary": "Short.", "body": "Long.", "when": "draft"}
PUBLICATION |= {"dated_on": "2027-01-01"}


@dataclass
class Case:
    """Who posts what where, and what there is one more of afterwards."""

    by: str
    arguments: Callable[[World], list]
    fields: Callable[[World], dict[str, Any]]
    makes: models.QuerySet


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("buses.txt", b"They run late.", "text/plain")


def report() -> SimpleUploadedFile:
    return SimpleUploadedFile("report.csv", b"Name,Email\nMo Haddad,mo@portal.example\n", "text/csv")


def of(model: type[models.Model]) -> models.QuerySet:
    return model._default_manager.all()


MAKES = {
    "action_new": Case("carla", lambda w: [w.committee.slug], lambda w: {"text": "Call the clerk"}, of(ActionItem)),
    "decision_new": Case("carla", lambda w: [w.committee.slug], lambda w: DECISION, of(Decision)),
    "agenda_copy": Case("carla", lambda w: [w.empty.slug], lambda w: {}, of(AgendaItem)),
    "agenda_template_start": Case(
        "carla", lambda w: [w.empty_too.slug, w.agenda_template.pk], lambda w: {}, of(AgendaItem)
    ),
    "meeting_propose": Case("mo", lambda w: [w.meeting.slug], lambda w: {"title": "Buses"}, of(Proposal)),
    "agenda_item_add": Case("carla", lambda w: [w.meeting.slug], lambda w: {"line": "Buses 15m"}, of(AgendaItem)),
    "attendance_report": Case("carla", lambda w: [w.past.slug], lambda w: {"file": report()}, of(ReportDraft)),
    "announcement_new": Case(
        "carla", lambda w: [w.committee.slug], lambda w: {"headline": "Buses", "body": "Late."}, of(Announcement)
    ),
    "staff_announcement_new": Case(
        "ada", lambda w: [], lambda w: {"headline": "Buses", "body": "Late.", "preview": "1"}, of(Announcement)
    ),
    "staff_mailing_new": Case("stu", lambda w: [], lambda w: {"subject": "Buses", "body": "Late."}, of(Mailing)),
    "staff_mailing_test": Case(
        "stu", lambda w: [w.mailing.pk, w.mo.pk], lambda w: {}, Delivery.objects.filter(kind=Mailing.TEST)
    ),
    "document_upload": Case(
        "carla",
        lambda w: [w.committee.slug],
        lambda w: {"title": "Buses", "audience": "committee", "file": paper()},
        of(Document),
    ),
    "document_new_version": Case("carla", lambda w: [w.document.pk], lambda w: {"file": paper()}, of(DocumentVersion)),
    "series_new": Case("carla", lambda w: [w.committee.slug], lambda w: SERIES, of(MeetingSeries)),
    "meeting_schedule": Case("carla", lambda w: [w.committee.slug], lambda w: CALL, of(Meeting)),
    "poll_new": Case("carla", lambda w: [w.committee.slug], lambda w: POLL, of(Poll)),
    "committee_join": Case("mo", lambda w: [w.elsewhere.slug], lambda w: {}, of(Membership)),
    "committee_ask": Case("mo", lambda w: [w.asking.slug], lambda w: {"message": "May I?"}, of(JoinRequest)),
    "committee_write": Case(
        "mo", lambda w: [w.committee.slug], lambda w: {"subject": "Buses", "words": "Which lines?"}, of(InboundMail)
    ),
    "contact_ask": Case("mo", lambda w: [w.carla.pk], lambda w: {"message": "Which lines?"}, of(ContactRequest)),
    "committee_request_answer": Case(
        "carla",
        lambda w: [w.committee.slug, w.request.pk],
        lambda w: {f"request-{w.request.pk}-decision": "accept"},
        of(Membership),
    ),
    "staff_import_new": Case("stu", lambda w: [], lambda w: {"file": report()}, of(Import)),
    "staff_committee_new": Case("stu", lambda w: [], lambda w: COMMITTEE, of(Committee)),
    "manage_people_add": Case(
        "carla", lambda w: [w.committee.slug], lambda w: {"person": w.stu.pk, "role": "secretary"}, of(Membership)
    ),
    "staff_committee_add": Case(
        "stu", lambda w: [w.asking.slug], lambda w: {"person": w.mo.pk, "role": "chair"}, of(Membership)
    ),
    "staff_publication_new": Case(
        "ada", lambda w: [], lambda w: PUBLICATION | {"issue": w.committee.issue_id}, of(Publication)
    ),
    "staff_application_approve": Case("stu", lambda w: [w.application.pk], lambda w: {}, of(Office)),
    "staff_refused_send": Case(
        "stu",
        lambda w: [],
        lambda w: {"pk": w.delivery.pk},
        AuditEntry.objects.filter(verb="sent again"),
    ),
    "staff_segment_new": Case("stu", lambda w: [], lambda w: {"name": "Of Wisconsin"}, of(Segment)),
    "token_add": Case("mo", lambda w: [], lambda w: {}, of(AuthToken)),
    "meeting_minutes_comment": Case(
        "mo",
        lambda w: [w.minutes.meeting.slug],
        lambda w: {"words": "Which cases?"},
        MinutesComment.objects.filter(words="Which cases?"),
    ),
}
TWICE_IS_ONCE = {
    "a state is set, and set again it is the same": """
        account_logout account_unsent_forget attendance_check_in attendance_mark attendance_mark_offered attendance_report_look attendance_times
        agenda_item_remove agenda_item_restore agenda_template_back agenda_template_remove agenda_template_save announcement_discard app_remove calendar_reply_decide
        my_data_ask my_data_keep staff_member_keep staff_retention_arm staff_retention_disarm
        committee_edit committee_leave committee_rejoin committee_withdraw contact_request contact_take_back device_end device_end_others
        document_restore document_withdraw join_link mail_stopped manage_person manage_person_back meeting_answer_for meeting_book meeting_committee_part meeting_proposal meeting_rsvp not_me_link passkey_remove poll_close poll_discard poll_link poll_reopen poll_vote proposal_withdraw reply_note_settle request_link rsvp_link series_answer
        second_step_always second_step_later sending_undo settings_calendar settings_details settings_hours council_night settings_email_works settings_notifications settings_privacy
        settings_office_correct settings_office_leave staff_office_correct staff_office_leave
        meeting_minutes_approve meeting_minutes_object meeting_minutes_settle
        staff_import_again staff_import_choose staff_import_columns staff_import_confirm staff_import_stop staff_import_undo
        staff_application_place staff_application_vouch application_answer vouch_link staff_committee_archive staff_committee_edit staff_committee_role staff_held_decide staff_inbound_again
        staff_inbound_answer staff_inbound_back staff_inbound_done staff_inbound_hand_on
        staff_issue staff_member_appoint staff_member_email staff_member_email_settle staff_member_forget_factors staff_member_sign_out staff_member_standing staff_member_tag staff_members_columns staff_segment staff_segment_back staff_segment_forget
        staff_bulk_act_stop staff_bulk_act_undo staff_export_stop
        staff_duplicate_apart staff_duplicate_together staff_merge_undo
        staff_mailing_discard staff_mailing_go_on staff_mailing_pause staff_mailing_undo
        staff_refused_dismiss staff_refused_undo staff_suppression_lift staff_suppressions_import staff_unread_again
        staff_look_as staff_look_stop
        token_revoke
        unsubscribe""",
    "a version is named, or the whole goes through `once`, as their own tests show": """
        agenda_carry agenda_item_edit announcement_edit announcement_send run_record meeting_agenda_publish meeting_cancel meeting_edit
        action_act action_detail action_link decision_correct meeting_committees office_link
        settings_office_add settings_office_other settings_office_right staff_office_add staff_office_other staff_office_right staff_terms_settle staff_terms_settle_undo
        series_change series_edit series_end series_pause series_restore series_resume series_tell
        meeting_minutes meeting_minutes_amend meeting_minutes_send
        meeting_move meeting_nudge meeting_tell poll_ask poll_choose poll_edit poll_times sending_again staff_application_ask staff_application_decline staff_publication
        staff_duplicate
        staff_members_act staff_export_new my_data_erase staff_member_erase
        staff_mailing_edit staff_mailing_send
        staff_issue_picture staff_publication_pdf staff_publication_picture""",
    "pressed twice it is meant twice": "agenda_item_minutes agenda_item_shift",
    "answers are kept in the session until they are sent": """
        apply apply_check apply_committee apply_code apply_email apply_office apply_place apply_term apply_why""",
    "a code, a passkey or an app is good once": """
        account_login account_passkey account_passkey_options account_reauthenticate app_add apply_code_again
        mfa_authenticate_options passkey_add passkey_add_options reauthenticate_code reauthenticate_options
        recovery_codes_new settings_calendar_new settings_email settings_email_again settings_email_code""",
    "it shows something, and the trail says how often": "staff_duplicate_contact staff_suppressions_file staff_inbound_raw staff_member_contact",
    "not there outside the demo": "demo demo_mail demo_message demo_message_html demo_raw demo_sign_in",
}


def takes_posts() -> set[str]:
    """Addresses at which somebody's POST does something, API included."""
    return {name for name, row in TABLE.items() if set(row.POST) & set("YB")}


def test_every_address_that_takes_a_post_is_known_to_make_one_thing():
    """A new form has its case above, or a reason why twice is once."""
    known = {name for names in TWICE_IS_ONCE.values() for name in names.split()} | MAKES.keys()
    assert takes_posts() - known == set()
    assert known - TABLE.keys() == set()
    assert {name for name, row in TABLE.items() if name.startswith("api_") and set(row.POST) & set("YB")} == set()


@pytest.fixture
def world(db, committee, elsewhere, carla, mo, olga, ana, stu, ada, meeting, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=meeting
    )
    world.empty = MeetingFactory(committee=committee, by=carla, title="No agenda yet")
    world.empty_too = MeetingFactory(committee=committee, by=carla, title="Nor here")
    world.past = MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(hours=2))
    world.elsewhere = elsewhere
    Delivery.objects.filter(pk=world.delivery.pk).update(state=Delivery.State.FAILED)
    return world


def at_once(clients: list[Client], address: str, fields: list[dict]) -> list[int]:
    """Post at the same moment; the statuses."""
    barrier, statuses = threading.Barrier(len(clients)), []

    def post(client: Client, given: dict) -> None:
        try:
            barrier.wait()
            statuses.append(client.post(address, given).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=each) for each in zip(clients, fields, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def twins(client: Client) -> list[Client]:
    other = Client()
    other.cookies = client.cookies.copy()
    return [client, other]


@pytest.mark.timeout(180)
def test_the_same_post_twice_at_once_makes_one_thing(transactional_db, world, sign_in, stu, ada):
    people = {"stu": stu, "ada": ada, "carla": world.carla, "mo": world.mo}
    wrong = []
    for name, case in MAKES.items():
        address, before = reverse(name, args=case.arguments(world)), case.makes.count()
        statuses = at_once(twins(sign_in(people[case.by])), address, [case.fields(world), case.fields(world)])
        more = case.makes.count() - before
        if more != 1 or not all(status < 400 for status in statuses):
            wrong.append(f"{name}: {more} more, {statuses}")
    assert wrong == []


PAGES = {
    "document_upload": ("document_upload", {"title": "Buses", "audience": "committee"}, of(Document)),
    "announcement_new": ("announcement_new", {"headline": "Buses"}, of(Announcement)),
    "agenda_item_add": ("meeting_agenda", {"line": "Buses 15m"}, of(AgendaItem)),
}


def test_a_form_sent_again_later_is_answered_as_the_first_time(world, sign_in):
    """A key holds for days, its page for as long as a tab stays open; a new page is a new intent."""
    client = sign_in(world.carla)
    for name, (page, given, made) in PAGES.items():
        arguments, answers, before = MAKES[name].arguments(world), [], made.count()
        for _time in range(2):
            form = given | {"once": key_on(client.get(reverse(page, args=arguments)).text)}
            for _press in range(2):
                file = {"file": paper()} if name == "document_upload" else {}
                answers.append(client.post(reverse(name, args=arguments), form | file)["Location"])
                Submission.objects.update(answered_at=now() - timedelta(hours=3))
        assert (answers[0], answers[2]) == (answers[1], answers[3])
        assert made.count() == before + 2, name


def key_on(page: str) -> str:
    return re.findall(r'name="once" value="([^"]+)"', page)[-1]


def test_what_was_changed_with_back_is_another_thing(world, sign_in):
    client, address = sign_in(world.carla), reverse("announcement_new", args=[world.committee.slug])
    form = {"once": key_on(client.get(address).text)}
    first = client.post(address, form | {"headline": "Buses"})
    second = client.post(address, form | {"headline": "Trains"})
    assert first["Location"] != second["Location"]


def test_two_people_and_two_addresses_never_share_an_answer(world, sign_in, ada):
    address = reverse("announcement_new", args=[world.committee.slug])
    hers = sign_in(world.carla).post(address, {"headline": "Buses"})
    theirs = sign_in(ada).post(address, {"headline": "Buses"})
    assert hers["Location"] != theirs["Location"]


def test_mistakes_and_previews_may_be_sent_again(world, sign_in):
    client, address = sign_in(world.carla), reverse("meeting_schedule", args=[world.committee.slug])
    looks = {name: value for name, value in CALL.items() if name != "quiet"}
    assert "Send to" in client.post(address, looks).text
    assert "Send to" in client.post(address, looks).text
    assert not Submission.objects.exists()


def test_what_was_sent_is_forgotten_after_two_days(world, sign_in):
    sign_in(world.carla).post(reverse("announcement_new", args=[world.committee.slug]), {"headline": "Buses"})
    forget_forms()
    assert Submission.objects.count() == 1
    Submission.objects.update(answered_at=now() - timedelta(hours=49))
    forget_forms()
    assert Submission.objects.count() == 0
