"""Django's admin: for administrators with a second factor, and logged."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.urls import reverse
from django.utils import timezone

from committees.models import Publication
from events.answers.answering import respond
from events.models import AgendaItem, Meeting
from events.schedule import scheduling
from members.admin import LoggedInline
from members.applications.admission import submit
from members.models import AuditEntry, Delivery, Office, Profile, User
from members.times.clock import today
from portal.staff.activity import SENTENCES
from tests.factories import JurisdictionFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_only_administrators_with_a_second_step_get_in(sign_in, client, ada, stu, mo):
    for url in ("/admin/", "/admin/members/user/"):
        assert client.get(url)["Location"] == f"/account/login/?next={url}"
    outcomes = [
        sign_in(user, strong=strong).get("/admin/", follow=True).status_code
        for user, strong in ((mo, True), (stu, True), (ada, False), (ada, True))
    ]
    assert outcomes == [404, 404, 403, 200]


def test_signing_in_there_is_signing_in_everywhere(client):
    assert (
        client.get("/admin/login/?next=/admin/members/user/")["Location"] == "/account/login/?next=/admin/members/user/"
    )
    assert client.get("/admin/login/?next=https://evil.example/")["Location"] == "/account/login/?next=/admin/"


def test_its_pages_name_an_icon_and_so_ask_for_none_that_is_missing(sign_in, ada):
    assert '<link rel="icon"' in sign_in(ada).get("/admin/").text


def test_tables_of_libraries_are_not_there():
    assert {model._meta.app_label for model in admin.site._registry} == {"members", "committees", "events"}


# What is changed here, and what only verbs change -----------------------------------------------------

EDITABLE = {  # all other fields of all models are to look at: a verb changes them, or nobody does
    "members.User": {"name", "given_name", "timezone", "color_scheme", "single_key_shortcuts"},
    "members.Profile": {"pronouns", "bio"},
    "members.Office": {"title", "level", "jurisdiction", "district", "started_on", "ended_on", "leaves"},
    "members.Jurisdiction": {
        "ocd_id", "name", "kind", "designation", "state", "county", "population", "time_zone", "label"
    },
    "committees.IssueArea": {"name", "slug", "position", "published_at"},
    "committees.Committee": {"slug", "quilt_block", "quilt_hue"},
    "committees.Document": {"title", "audience"},
}  # fmt: skip
ADDED = {"members.Jurisdiction", "committees.IssueArea", "members.Office"}
SECRET = {  # shown nowhere: what lets in, what reaches a person, what was told in confidence
    "members.User": {"password", "email", "signed_out_at"},
    "members.Profile": {"phone"},
    "members.Delivery": {"address", "facts", "lease", "last_reply", "message_subject", "returned_reason"},
    "events.Meeting": {"video_url", "dial_in", "uid"},
    "events.Rsvp": {"note"},
}
WORDS = {"facts__code__startswith": "4", "password__startswith": "!", "email__startswith": "m", "pk__gt": "0"}


@pytest.fixture
def rows(ada, mo, meeting, committee, carla, settings, tmp_path):
    """One of each kind."""
    settings.MEDIA_ROOT = tmp_path
    mo.profile.phone, mo.profile.bio = "+17195550148", "Organizes."
    mo.profile.save()
    Delivery.objects.create(
        recipient=mo, address=mo.email, kind="sign_in_code", about="x:1", facts={"code": "48172046"}
    )
    committee.requests.create(user=ada)
    respond(meeting, mo, "going", seen=0)
    Meeting.objects.filter(pk=meeting.pk).update(video_url="https://zoom.us/j/canary", dial_in="669-555-0142")
    AgendaItem.add(meeting, carla, title="Wage theft", minutes=15)
    Office.objects.create(user=mo, title="Alder", level="city", jurisdiction=JurisdictionFactory())
    mo.notification_preferences.create(kind="invitation", cadence="daily")
    submit(UserFactory(admitted_at=None), "Nia", title="Alder", jurisdiction=JurisdictionFactory(), why="To learn.")
    committee.documents.create(title="Minutes")
    Publication.objects.create(issue=committee.issue, type="post", slug="x", title="X", summary="x", dated_on=today())
    scheduling.move(meeting, carla, reason="Hearings", local_date=meeting.local_date + timedelta(days=1),
                    local_time=meeting.local_time, timezone=meeting.timezone)  # fmt: skip
    return {model: model._default_manager.first() for model in admin.site._registry}


def address(model, page: str, *arguments) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def posted_names(page) -> dict[str, set[str]]:
    """The fields that a browser would send, by model."""
    inlines = [
        each for each in page.context["inline_admin_formsets"] if each.has_change_permission or each.has_add_permission
    ]
    forms = [form for each in inlines for form in (*each.formset.forms, each.formset.empty_form)]
    names: dict[str, set[str]] = {}
    for form in [page.context["adminform"].form, *forms]:
        own = set(form.fields) - {"id", "DELETE"} - ({"user"} if form.prefix else set())
        names.setdefault(form._meta.model._meta.label, set()).update(own)
    return names


def test_each_form_takes_only_what_no_verb_changes(sign_in, ada, rows):
    client, editable = sign_in(ada), {}
    for model, row in rows.items():
        assert row, model
        page = client.get(address(model, "change", row.pk))
        assert page.status_code == 200
        if page.context["has_change_permission"]:
            editable |= posted_names(page)
        assert client.get(address(model, "add")).status_code == (200 if model._meta.label in ADDED else 403)
        assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert {label: names for label, names in editable.items() if names} == EDITABLE


def test_what_is_posted_beyond_the_form_changes_nothing(sign_in, ada, rows):
    """Whatever is sent: every column that the form does not have stays as it was."""
    client = sign_in(ada)
    for model, row in rows.items():
        before = model._base_manager.filter(pk=row.pk).values().get()
        extra = dict.fromkeys(before, "2020-01-02") | {f"{name}_{at}": "2020-01-02" for name in before for at in (0, 1)}
        extra |= {"is_active": "", "role": "admin", "email": "eve@portal.example", "phone": "719-555-0199"}
        change(client, row, may_fail=True, **extra)
        after = model._base_manager.filter(pk=row.pk).values().get()
        kept = before.keys() - EDITABLE.get(model._meta.label, set()) - {"name_words", "words", "names"}
        assert {name: after[name] for name in kept} == {name: before[name] for name in kept}, model


def test_nothing_secret_is_shown_searched_or_sorted_by(sign_in, ada, mo, rows):
    client = sign_in(ada)
    for model, model_admin in admin.site._registry.items():
        secret, label = SECRET.get(model._meta.label, set()), model._meta.label
        named = {*model_admin.fields, *model_admin.list_display, *model_admin.list_filter}
        assert not named & secret, label
        assert not {part for path in model_admin.search_fields for part in path.split("__")} & set().union(
            *SECRET.values()
        )
        for page in (client.get(address(model, "changelist")), client.get(address(model, "change", rows[model].pk))):
            canaries = (
                "48172046",
                "555-0148",
                "5550148",
                "555-0142",
                "zoom.us/j/canary",
                f">{mo.email}",
                f'"{mo.email}"',
            )
            assert not [each for each in canaries if each in page.text], label


def test_lists_are_narrowed_by_an_allow_list_alone(sign_in, ada, rows):
    client = sign_in(ada)
    client.raise_request_exception = False
    hows = ("", "__exact", "__isnull", "__startswith", "__gt", "__regex", "__code__startswith", "__email__contains")
    for model, model_admin in admin.site._registry.items():
        allowed = {f"{name}{how}" for name in model_admin.list_filter for how in ("", "__exact", "__isnull")}
        fields = {field.name for field in model._meta.get_fields()} | {"pk", "user__email", "recipient__email"}
        others = {f"{name}{how}" for name in fields for how in hows} - allowed | WORDS.keys()
        assert not [each for each in others if model_admin.lookup_allowed(each, "1", None)], model
        for lookup in {field.name for field in model._meta.fields} - allowed | WORDS.keys():
            answer = client.get(address(model, "changelist"), {lookup: WORDS.get(lookup, "1")})
            assert answer.status_code in (302, 400), (model, lookup)
            assert answer.status_code == 400 or answer["Location"].endswith("?e=1"), (model, lookup)
    page = client.get(address(User, "changelist"), {"is_active__exact": "0"})
    assert (page.status_code, len(page.context["cl"].result_list)) == (200, 0)
    asked = {"app_label": "members", "model_name": "profile", "field_name": "user"}
    assert client.get("/admin/autocomplete/", asked | {"term": "mo@portal"}).json()["results"] == []


def test_contact_data_is_revealed_at_the_desk_which_writes_it_down(sign_in, ada, mo, rows):
    client, before = sign_in(ada), AuditEntry.objects.count()
    for model, pk in ((User, mo.pk), (Profile, mo.profile.pk)):
        page = client.get(address(model, "change", pk)).text
        assert reverse("staff_member", args=[mo.pk]) in page and mo.email not in page
    assert AuditEntry.objects.count() == before
    assert mo.email in client.post(reverse("staff_member_contact", args=[mo.pk])).text
    assert AuditEntry.objects.first().verb == "revealed contact data"


def test_a_new_name_is_a_line_of_the_log_a_mail_and_a_line_of_today(sign_in, ada, mo, stu, carla):
    client = sign_in(ada)
    change(client, mo, name="Mohammed Haddad", timezone="America/Phoenix")
    edited, entry = AuditEntry.objects.all()[:2]
    assert (entry.verb, entry.actor, entry.target) == ("renamed", ada, mo)
    assert (entry.before, entry.after) == ({"name": "Mo Haddad"}, {"name": "Mohammed Haddad"})
    assert (edited.verb, edited.after) == ("edited", {"fields": ["Time zone"]})
    assert said(client)[1] == "Ada Admin renamed Mohammed Haddad"
    assert Delivery.objects.get(kind="account_news").address == mo.email
    renamed = next(each.rows for each in sign_in(stu).get("/staff/").context["sections"] if each.name == "renamed")
    assert [(row.title, row.url) for row in renamed] == [("Mohammed Haddad", f"/staff/members/{mo.pk}/")]
    assert "Mo Haddad" in renamed[0].words


@pytest.mark.parametrize("name", ["https://evil.example", "Local Progress", "C\u0430rla"])
def test_names_that_imitate_are_refused_here_too(sign_in, ada, mo, name, settings):
    settings.ORG_NAME = "Local Progress"
    for field in ("name", "given_name"):
        assert field in change(sign_in(ada), mo, may_fail=True, **{field: name}).context["adminform"].form.errors
    assert User.objects.get(pk=mo.pk).name == "Mo Haddad"


def test_the_log_cannot_be_changed_and_nothing_is_deleted(sign_in, ada, mo):
    client = sign_in(ada)
    entry = AuditEntry.objects.first()
    assert client.post(reverse("admin:members_auditentry_change", args=[entry.pk]), {"verb": "x"}).status_code == 403
    assert client.get(reverse("admin:members_auditentry_add")).status_code == 403
    assert client.post(reverse("admin:members_user_delete", args=[mo.pk]), {"post": "yes"}).status_code == 403


def change(client, row, may_fail: bool = False, **given: str):
    """Post the page of a row as a browser does, with these fields changed or filled in."""
    url = address(type(row), "change", row.pk)
    page = client.get(url)
    formsets = [each.formset for each in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form]
    forms += [each for formset in formsets for each in (formset.management_form, *formset.forms)]
    rows = {}
    for bound in (field for each in forms for field in each):
        value = bound.value()
        if isinstance(bound.field.widget, AdminSplitDateTime):
            with timezone.override(page.wsgi_request.user.zone):
                parts = bound.field.widget.decompress(value)
            rows |= {f"{bound.html_name}_{at}": part or "" for at, part in enumerate(parts)}
        elif value is not None and value is not False:
            rows[bound.html_name] = value
    response = client.post(url, rows | given)
    assert may_fail or response.status_code == 302, response.context["errors"]
    return response


def said(client) -> list[str]:
    return [each.words for each in client.get("/staff/activity/").context["sentences"]]


def test_roles_are_to_look_at(sign_in, ada, stu):
    client = sign_in(ada)
    assert "Membership staff" in client.get(address(User, "change", stu.pk)).text
    new = {"appointments-TOTAL_FORMS": "2", "appointments-1-role": "admin", "appointments-1-started_on": "2026-01-02"}
    change(client, stu, **new, **{"appointments-0-ended_on": "2026-02-03"})
    assert list(stu.appointments.values_list("role", "ended_on")) == [("membership", None)]


def test_offices_are_lines_of_the_log_and_nothing_changed_is_none(sign_in, ada, mo):
    client, place = sign_in(ada), JurisdictionFactory()
    before = AuditEntry.objects.count()
    office = {"title": "Alder", "level": "city", "jurisdiction": str(place.pk)}
    change(client, mo, **{"offices-TOTAL_FORMS": "1"} | {f"offices-0-{name}": value for name, value in office.items()})
    assert said(client)[0] == "Ada Admin added an office that Mo Haddad holds"
    assert AuditEntry.objects.first().after == office | {"jurisdiction": place.pk}
    change(client, mo, **{"offices-0-title": "Council Member"})
    assert AuditEntry.objects.first().before == {"title": "Alder"}
    change(client, mo, name="Mohammed Haddad")
    assert [each.verb for each in AuditEntry.objects.all()[: AuditEntry.objects.count() - before]] == [
        "renamed",
        "changed office",
        "added office",
    ]


def test_every_inline_says_what_it_did_in_a_sentence():
    registered = admin.site._registry.values()
    inlines = [inline for each in registered for inline in each.inlines if issubclass(inline, LoggedInline)]
    assert inlines
    for inline in inlines:
        assert {inline.added, inline.changed} <= set(SENTENCES), inline


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2207-03-10"])
def test_days_that_nobody_can_mean_are_refused(sign_in, ada, mo, day):
    client = sign_in(ada)
    office = {"title": "Alder", "level": "city", "jurisdiction": str(JurisdictionFactory().pk), "started_on": day}
    rows = {"offices-TOTAL_FORMS": "1"} | {f"offices-0-{name}": value for name, value in office.items()}
    page = change(client, mo, may_fail=True, **rows)
    assert (page.status_code, "Enter a day between the years 1900 and 2199" in page.text) == (200, True)
