"""Two people with one form open: the second is shown what the first saved, and nothing that was typed is lost."""

import html
import re

import pytest
from django.urls import reverse

from committees.models import Committee, IssueArea, Publication
from events.models import MeetingMove
from members.applications import admission
from members.models import Application, AuditEntry
from tests.access_table import TABLE
from tests.access_world import make_announcement, make_world
from tests.factories import JurisdictionFactory, MeetingFactory

pytestmark = pytest.mark.django_db
HTML = {"HTTP_ACCEPT": "text/html"}


def fields_of(page, **typed):
    """What a browser would post of the last form of a page, with some fields typed anew."""
    form = page.context["form"]
    given = {field.name: field.value() for field in form}
    return {name: value for name, value in (given | typed).items() if value not in (None, False)}


@pytest.fixture
def publication(committee):
    words = {"title": "The report", "summary": "Short.", "body": "Long.", "dated_on": "2026-01-01"}
    return Publication.objects.create(issue=committee.issue, type="report", slug="the-report", **words)


def addresses(committee, publication):
    return {
        "by co-chairs": (reverse("committee_edit", args=[committee.slug]), "purpose", Committee),
        "committee": (reverse("staff_committee_edit", args=[committee.slug]), "purpose", Committee),
        "issue": (reverse("staff_issue", args=[committee.issue.slug]), "tagline", IssueArea),
        "publication": (reverse("staff_publication", args=[publication.pk]), "summary", Publication),
    }


@pytest.mark.parametrize("which", ["by co-chairs", "committee", "issue", "publication"])
def test_the_second_save_shows_the_first_and_keeps_what_was_typed(sign_in, committee, publication, ada, stu, which):
    address, field, model = addresses(committee, publication)[which]
    first, second = sign_in(ada), sign_in(ada)
    hers, theirs = first.get(address), second.get(address)
    assert first.post(address, fields_of(hers, **{field: "Her words."})).status_code == 302

    page = second.post(address, fields_of(theirs, **{field: "Their words."}))
    assert (page.status_code, model.objects.filter(**{field: "Her words."}).count()) == (409, 1)
    assert "Her words." in page.text and "Their words." in page.text and "It says now:" in page.text

    assert second.post(address, fields_of(page)).status_code == 302
    assert model.objects.filter(**{field: "Their words."}).count() == 1


@pytest.mark.parametrize("which", ["by co-chairs", "committee", "issue", "publication"])
def test_in_a_browser_it_comes_back_as_a_page_of_its_own(sign_in, committee, publication, ada, which):
    address, field, model = addresses(committee, publication)[which]
    client = sign_in(ada)
    opened = client.get(address)
    client.post(address, fields_of(opened, **{field: "Her words."}))
    back = client.post(address, fields_of(opened, **{field: "Their words."}), **HTML)
    assert back.status_code == 303
    page = client.get(back["Location"], **HTML)
    assert "Her words." in page.text and "Their words." in page.text and "It says now:" in page.text
    assert client.post(address, fields_of(page)).status_code == 302
    assert model.objects.filter(**{field: "Their words."}).exists()


@pytest.mark.parametrize("which", ["by co-chairs", "committee", "issue", "publication"])
def test_the_same_words_twice_are_no_conflict(sign_in, committee, publication, ada, which):
    address, field, _model = addresses(committee, publication)[which]
    client = sign_in(ada)
    opened = client.get(address)
    assert [client.post(address, fields_of(opened, **{field: "Same."})).status_code for _time in range(2)] == [302] * 2


def test_what_the_form_does_not_show_is_no_conflict(sign_in, committee, carla, stu):
    address = reverse("committee_edit", args=[committee.slug])
    client = sign_in(carla)
    opened = client.get(address)
    committee.edit(stu, name="Fair Economy")
    assert client.post(address, fields_of(opened, purpose="To win.")).status_code == 302
    assert Committee.objects.filter(name="Fair Economy", purpose="To win.").count() == 1


def test_a_preview_does_not_count_as_having_seen(sign_in, publication, ada):
    address = reverse("staff_publication", args=[publication.pk])
    client = sign_in(ada)
    opened = client.get(address)
    client.post(address, fields_of(opened, summary="Her words."))
    preview = client.post(address, fields_of(opened, summary="Their words.") | {"preview": "1"})
    assert client.post(address, fields_of(preview)).status_code == 409


def test_a_draft_is_not_taken_back_from_the_page_unseen(sign_in, publication, ada):
    """Somebody published it while another had it open as a draft."""
    address = reverse("staff_publication", args=[publication.pk])
    client = sign_in(ada)
    opened = client.get(address)
    client.post(address, fields_of(opened, when="now"))
    page = client.post(address, fields_of(opened, summary="Their words.", when="draft"))
    assert page.status_code == 409 and "Publish now" in page.text
    assert Publication.objects.get().published_at


def test_two_publications_of_one_title_have_addresses_of_their_own(committee, ada):
    words = {"issue": committee.issue, "type": "post", "title": "Buses", "slug": "buses", "summary": "x"}
    for _time in range(2):
        Publication(dated_on="2026-01-01", **words).store(ada, None)
    assert set(Publication.objects.values_list("slug", flat=True)) == {"buses", "buses-2"}


def test_the_second_of_two_moves_is_shown_the_first(sign_in, committee, carla):
    meeting = MeetingFactory(committee=committee, by=carla)
    address, client = reverse("meeting_move", args=[meeting.slug]), sign_in(carla)
    opened = client.get(address)
    for at, status in (("17:00", 302), ("18:00", 409)):
        page = client.post(address, fields_of(opened, local_time=at, reason="The room is taken.") | {"quiet": "1"})
        assert page.status_code == status
    assert "Somebody moved this call" in page.text and "18:00" in page.text and "The room is taken." in page.text
    assert MeetingMove.objects.count() == 1
    assert client.post(address, fields_of(page) | {"quiet": "1"}).status_code == 302


def test_an_address_made_from_the_title_and_taken_meanwhile_is_no_mistake(sign_in, committee, ada, monkeypatch):
    words = {"issue": committee.issue.pk, "type": "report", "title": "Buses", "summary": "Short.", "when": "draft"}
    free_slug = Publication.free_slug

    def taken_meanwhile(issue, title, besides=None):
        found = free_slug(issue, title, besides)
        if found == "buses":
            Publication.objects.create(
                issue=issue, type="post", title="Buses", slug="buses", summary="x", dated_on="2026-01-01"
            )
        return found

    monkeypatch.setattr(Publication, "free_slug", staticmethod(taken_meanwhile))
    answer = sign_in(ada).post(reverse("staff_publication_new"), words | {"dated_on": "2027-01-01"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert set(Publication.objects.values_list("slug", flat=True)) == {"buses", "buses-2"}


FORMS = re.compile(r'<form(?=[^>]*method="post")[^>]*>.*?</form>', re.DOTALL)


def test_every_form_that_writes_over_a_shared_text_carries_what_it_showed(sign_in, committee, publication, ada, carla):
    meeting = MeetingFactory(committee=committee, by=ada)
    draft = make_announcement(committee, carla)
    pages = [address for address, _field, _model in addresses(committee, publication).values()]
    pages += [reverse(name, args=[meeting.slug]) for name in ("meeting_edit", "meeting_move")]
    pages += [reverse("announcement_edit", args=[draft.pk])]
    for address in pages:
        client = sign_in(carla) if "announcement" in address else sign_in(ada)
        forms = [form for form in FORMS.findall(html.unescape(client.get(address).text)) if "<textarea" in form]
        assert forms and all(
            re.search(r'name="seen" value="[^"]+"|value="[^"]+" [^>]*name="seen"', form) for form in forms
        ), address


# Decisions about people -------------------------------------------------------------------------------


@pytest.fixture
def application(ana):
    JurisdictionFactory(name="Pueblo", label="Pueblo, city, Pueblo County, Colorado (CO)")
    other = {"ocd_id": "ocd-division/country:us/state:oh/place:lima", "label": "Lima, city, Allen County, Ohio (OH)"}
    JurisdictionFactory(name="Lima", state="OH", county="Allen County", **other)
    return Application.objects.create(applicant=ana, title="Council member", place="Pueblo or so", why="To learn.")


def test_the_second_to_settle_a_place_is_shown_the_first(sign_in, application, stu):
    address = reverse("staff_application_place", args=[application.pk])
    first, second = sign_in(stu), sign_in(stu)
    hers, theirs = first.get(address), second.get(address)
    lima, pueblo = "Lima, city, Allen County, Ohio (OH)", "Pueblo, city, Pueblo County, Colorado (CO)"
    assert first.post(address, fields_of(hers, place=lima)).status_code == 302

    page = second.post(address, fields_of(theirs, place=pueblo))
    application.refresh_from_db()
    assert (page.status_code, application.jurisdiction.label) == (409, lima)
    assert "It says now:" in page.text and "Lima" in page.text and "Pueblo, city" in page.text

    assert second.post(address, fields_of(page)).status_code == 302
    application.refresh_from_db()
    assert application.jurisdiction.label == pueblo


def test_a_place_is_not_settled_once_the_application_is_decided(sign_in, application, stu, ada, monkeypatch):
    """Between the look at it and the lock."""
    address = reverse("staff_application_place", args=[application.pk])
    client = sign_in(stu)
    opened = client.get(address)
    settle = admission.settle_place
    decide = admission.decline

    def late(locked, *args, **kwargs):
        decide(Application.objects.get(pk=application.pk), ada, "Not now.")
        return settle(locked, *args, **kwargs)

    monkeypatch.setattr(admission, "settle_place", late)
    page = client.post(address, fields_of(opened, place="Lima, city, Allen County, Ohio (OH)"), follow=True)
    application.refresh_from_db()
    assert application.jurisdiction is None and "Ada Admin declined this application first" in page.text


@pytest.mark.parametrize("asking", [{}, HTML], ids=["in place", "as a page"])
def test_who_decides_about_a_person_second_is_shown_the_first_decision(sign_in, mo, stu, asking):
    address = reverse("staff_member_standing", args=[mo.pk])
    first, second = sign_in(stu), sign_in(stu)
    hers, theirs = (client.get(address, {"to": "leave"}) for client in (first, second))
    assert first.post(address, fields_of(hers, reason="Lost the seat.") | {"to": "leave"}).status_code == 302

    page = second.post(address, fields_of(theirs, reason="Moved away.") | {"to": "leave"}, **asking)
    if asking:
        assert page.status_code == 303
        page = second.get(page["Location"], **asking)
    else:
        assert page.status_code == 409
    assert "Stu Staff ended the membership of Mo Haddad" in page.text
    assert "Lost the seat." in page.text and "Moved away." in page.text
    assert AuditEntry.objects.filter(verb="ended membership").count() == 1

    again = second.post(address, fields_of(page) | {"to": "leave"})
    assert again.status_code == 409 and "Moved away." in again.text  # there is nothing left to end


def test_an_account_is_not_closed_unseen_that_lost_its_membership_meanwhile(sign_in, mo, stu):
    address = reverse("staff_member_standing", args=[mo.pk])
    client = sign_in(stu)
    opened = client.get(address, {"to": "deactivate"})
    mo.leave(stu, "Lost the seat.")
    page = client.post(address, fields_of(opened, reason="Asked for it.") | {"to": "deactivate"})
    assert page.status_code == 409 and "Lost the seat." in page.text
    assert client.post(address, fields_of(page) | {"to": "deactivate"}).status_code == 302
    mo.refresh_from_db()
    assert not mo.is_active


def test_two_who_archive_a_committee_do_not_restore_it(sign_in, committee, stu):
    """The button says what it does; it is no switch."""
    address = reverse("staff_committee_archive", args=[committee.slug])
    client = sign_in(stu)
    fields = hidden(client.get(address).text)
    for _person in range(2):
        assert client.post(address, fields).status_code == 302
    committee.refresh_from_db()
    assert committee.archived_at
    fields = hidden(client.get(address).text)
    for _person in range(2):
        client.post(address, fields)
    committee.refresh_from_db()
    assert committee.archived_at is None


def hidden(page):
    """The hidden fields of the last form of a page."""
    form = page.rpartition("<form")[2]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


# Every form of a shared row ---------------------------------------------------------------------------

SHOWS_A_SHARED_ROW = {
    "action_detail",
    "action_link",
    "agenda_item_edit",
    "announcement_edit",
    "committee_edit",
    "decision_correct",
    "manage_person",
    "meeting_edit",
    "meeting_move",
    "poll_edit",
    "settings_office_correct",
    "settings_office_leave",
    "settings_office_other",
    "staff_mailing_edit",
    "staff_office_correct",
    "staff_office_leave",
    "staff_office_other",
    "series_change",
    "series_edit",
    "series_end",
    "series_pause",
    "staff_application_place",
    "staff_committee_edit",
    "staff_issue",
    "staff_member_email",
    "staff_member_standing",
    "staff_issue_picture",
    "staff_publication",
    "staff_publication_pdf",
    "staff_publication_picture",
}
NEEDS_NONE = {
    "it is one person's own": """
        account_confirm_login_code account_login account_logout account_reauthenticate app_add app_remove committee_join
        committee_leave application_answer join_link not_me_link office_link vouch_link mfa_authenticate passkey_add passkey_remove poll_link request_link rsvp_link settings_calendar settings_calendar_new settings_hours council_night settings_details
        settings_email settings_email_code settings_notifications settings_privacy staff_segment unsubscribe demo demo_sign_in""",
    "it makes something new": """
        action_new announcement_new attendance_report decision_new series_new apply apply_check apply_code apply_committee apply_email apply_office apply_place apply_term apply_why
        committee_ask committee_write document_new_version document_upload meeting_minutes_comment meeting_schedule poll_new staff_announcement_new staff_committee_new
        staff_mailing_new staff_suppressions_import
        contact_ask meeting_committees meeting_propose staff_import_new staff_look_as staff_publication_new settings_office_add staff_office_add staff_segment_new""",
    "the newest columns hold, and nothing is imported but by the mark of what was shown of them": "staff_import_columns",
    "it orders a file of what stands when it is made": "meeting_book",
    "the newest mark holds, and says whose it is": "attendance_times",
    "each row carries the mark of what it showed, in tests/members/test_settling.py": "staff_terms_settle",
    "the mark of what it showed of both, in tests/members/test_merging.py": "staff_duplicate",
    "the mark of whom it showed, in tests/members/test_bulk_acts.py and test_exports.py": "staff_export_new staff_members_act",
    "each part carries the mark of what it showed, in tests/events/test_minutes.py": "meeting_minutes meeting_minutes_amend",
    "it is done once, and who is second is told so": """
        meeting_minutes_approve meeting_minutes_object meeting_proposal
        staff_mailing_send
        announcement_send attendance_report_look document_withdraw meeting_cancel poll_choose poll_times staff_application_ask staff_application_decline staff_application_vouch staff_committee_archive
        contact_request my_data_erase staff_member_erase staff_inbound_answer staff_inbound_hand_on
        staff_held_decide""",
}


def test_each_form_page_carries_what_was_seen_or_has_a_reason_not_to():
    pages = {name for name, row in TABLE.items() if "Y" in row.GET and set(row.POST) & set("YB")}
    known = SHOWS_A_SHARED_ROW | set(" ".join(NEEDS_NONE.values()).split())
    assert {name for name in pages - known if not name.startswith("api_")} == set()


def test_those_that_do_carry_it(sign_in, committee, elsewhere, carla, mo, olga, ana, stu, ada, meeting, settings, tmp_path):  # fmt: skip
    settings.MEDIA_ROOT = tmp_path
    world = make_world(committee, elsewhere, carla, mo, olga, ana, stu, meeting)
    own = ("action_link", "settings_office_correct", "settings_office_leave", "settings_office_other")
    clients, query = dict.fromkeys(own, sign_in(mo)), {"staff_member_standing": {"to": "leave"}}
    client = sign_in(ada)
    pages = {
        name: clients.get(name, client).get(reverse(name, args=TABLE[name].arguments(world)), query.get(name, {})).text
        for name in SHOWS_A_SHARED_ROW
    }
    assert {name for name, page in pages.items() if not re.search(r'name="seen" value="[^"]+"', page)} == set()
