"""Django's admin: for administrators with a second factor, and logged."""

import pytest
from django.contrib import admin
from django.urls import reverse

from members.models import AuditEntry, Delivery, User

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
