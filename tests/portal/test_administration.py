"""Django's admin: for administrators with a second factor, and logged."""

import pytest
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.urls import reverse
from django.utils import timezone

from members.models import AuditEntry, Delivery, User
from portal.staff.activity import SENTENCES
from tests.factories import JurisdictionFactory

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


def test_every_list_and_form_opens(sign_in, ada, mo, meeting, committee):
    Delivery.objects.create(recipient=mo, kind="sign_in_code", subject="x:1", facts={"code": "481720"})
    committee.requests.create(user=ada)
    client = sign_in(ada)
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{name}_changelist")).status_code == 200, name
        row = model._default_manager.first()
        if row:
            page = client.get(reverse(f"{name}_change", args=[row.pk]))
            assert page.status_code == 200 and "481720" not in page.text, name


def test_tables_of_libraries_are_not_there():
    assert {model._meta.app_label for model in admin.site._registry} == {"members", "committees", "events"}


def test_a_change_is_written_to_the_activity_log(sign_in, ada, mo):
    client = sign_in(ada)
    url = reverse("admin:members_user_change", args=[mo.pk])
    rows = {
        f"{prefix}-{part}": 0
        for prefix in ("appointments", "offices")
        for part in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
    given = {
        "name": "Mohammed Haddad",
        "given_name": "Mo",
        "email": mo.email,
        "timezone": mo.timezone,
        "color_scheme": "",
        "is_active": "on",
    }
    given |= {"admitted_at_0": "2026-01-01", "admitted_at_1": "12:00", "left_at_0": "", "left_at_1": ""}
    response = client.post(url, given | rows)
    assert response.status_code == 302, response.context["errors"]
    assert User.objects.get(pk=mo.pk).name == "Mohammed Haddad"
    entry = AuditEntry.objects.get(verb="edited")
    assert (entry.actor, entry.object_id) == (ada, mo.pk)


def test_the_log_cannot_be_changed_and_nothing_is_deleted(sign_in, ada, mo):
    client = sign_in(ada)
    entry = AuditEntry.objects.first()
    assert client.post(reverse("admin:members_auditentry_change", args=[entry.pk]), {"verb": "x"}).status_code == 403
    assert client.get(reverse("admin:members_auditentry_add")).status_code == 403
    assert client.post(reverse("admin:members_user_delete", args=[mo.pk]), {"post": "yes"}).status_code == 403


def change(client, person: User, **given: str):
    """Post the page of a person as a browser does, with these fields changed or filled in."""
    url = reverse("admin:members_user_change", args=[person.pk])
    form = client.get(url).context["adminform"].form
    formsets = [each.formset for each in client.get(url).context["inline_admin_formsets"]]
    forms = [form, *(each for formset in formsets for each in (formset.management_form, *formset.forms))]
    rows = {}
    for bound in (field for each in forms for field in each):
        value = bound.value()
        if isinstance(bound.field.widget, AdminSplitDateTime):
            with timezone.override(client.get(url).wsgi_request.user.zone):
                parts = bound.field.widget.decompress(value)
            rows |= {f"{bound.html_name}_{at}": part or "" for at, part in enumerate(parts)}
        elif value is not None and value is not False:
            rows[bound.html_name] = value
    response = client.post(url, rows | given)
    assert response.status_code == 302, response.context["errors"]


def said(client) -> list[str]:
    return [each.words for each in client.get("/staff/activity/").context["sentences"]]


def test_making_somebody_administrator_is_a_line_of_the_log(sign_in, ada, mo):
    client = sign_in(ada)
    before = AuditEntry.objects.count()
    new = {"appointments-TOTAL_FORMS": "1", "appointments-0-role": "admin", "appointments-0-started_on": "2026-01-02"}
    change(client, mo, **new)
    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == before + 1
    assert (entry.verb, entry.actor, entry.target) == ("appointed", ada, mo)
    assert entry.after == {"role": "admin", "started_on": "2026-01-02"}
    assert said(client)[0] == "Ada Admin gave Mo Haddad a staff role"


def test_ending_and_changing_a_role_are_lines_of_the_log(sign_in, ada, stu):
    client = sign_in(ada)
    change(client, stu, **{"appointments-0-started_on": "2026-01-02"})
    change(client, stu, **{"appointments-0-ended_on": "2026-02-03"})
    ended, changed = AuditEntry.objects.all()[:2]
    assert (changed.verb, changed.after) == ("changed appointment", {"started_on": "2026-01-02"})
    assert (ended.verb, ended.before, ended.after) == (
        "ended appointment",
        {"ended_on": None},
        {"ended_on": "2026-02-03"},
    )
    assert said(client)[:2] == [
        "Ada Admin ended a staff role of Stu Staff",
        "Ada Admin changed a staff role of Stu Staff",
    ]


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
        "edited",
        "changed office",
        "added office",
    ]


def test_every_inline_says_what_it_did_in_a_sentence():
    inlines = [inline for model_admin in admin.site._registry.values() for inline in model_admin.inlines]
    assert inlines
    for inline in inlines:
        assert {inline.added, inline.changed} <= set(SENTENCES), inline


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2207-03-10"])
def test_days_that_nobody_can_mean_are_refused(sign_in, ada, mo, day):
    client = sign_in(ada)
    url = reverse("admin:members_user_change", args=[mo.pk])
    page = client.post(url, {"admitted_at_0": day, "admitted_at_1": "12:00"})
    assert (page.status_code, "Enter a day between the years 1900 and 2199" in page.text) == (200, True)
