"""The first administrator, and the zone that new people and committees start with."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from committees.models import Committee
from members.models import User

pytestmark = pytest.mark.django_db


def made(**options) -> str:
    out = StringIO()
    call_command("createsuperuser", stdout=out, **options)
    return out.getvalue()


def test_the_first_administrator_is_asked_for_email_and_name_alone(monkeypatch):
    answers = {"Email: ": "Ada@portal.example", "Full name: ": "Ada Okafor"}
    monkeypatch.setattr("builtins.input", answers.pop)
    monkeypatch.setattr("getpass.getpass", lambda prompt="": pytest.fail("asked for a password"))
    said = made()
    ada = User.objects.get(email="ada@portal.example")
    assert (answers, ada.roles, ada.is_member, ada.has_usable_password()) == ({}, ["admin"], True, False)
    assert "Ada Okafor is an administrator" in said and "ada@portal.example: a code comes by email" in said


def test_without_questions_email_and_name_are_needed():
    assert "ada@portal.example" in made(email="ada@portal.example", name="Ada Okafor", input=False)
    with pytest.raises(CommandError, match="Say --email and --name"):
        made(email="bo@portal.example", input=False)
    with pytest.raises(CommandError, match="There is already an account with this email"):
        made(email="ADA@portal.example", name="Ada", input=False)


def test_new_people_and_committees_start_in_the_organization_s_zone(settings):
    settings.TIME_ZONE = "America/Denver"
    assert (User().timezone, Committee().timezone) == ("America/Denver", "America/Denver")
    assert User.objects.create_user("new@portal.example", "New Person").timezone == "America/Denver"
