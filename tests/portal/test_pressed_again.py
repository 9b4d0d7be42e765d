"""A button pressed again after it worked leads on, though what it ended is gone."""

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse
from knox.models import AuthToken

from tests.access_world import make_announcement


def a_device(carla, committee):
    device = UserSession.objects.create(user=carla, session_key="x" * 32, ip="127.0.0.1", user_agent="")
    return "device_end", [device.pk]


def a_token(carla, committee):
    return "token_revoke", [AuthToken.objects.create(carla)[0].token_key]


def a_draft(carla, committee):
    return "announcement_discard", [make_announcement(committee, carla).pk]


@pytest.mark.parametrize("thing", [a_device, a_token, a_draft])
def test_what_is_gone_already_leads_on(thing, sign_in, carla, committee):
    client = sign_in(carla, strong=True)
    name, arguments = thing(carla, committee)
    first, second = (client.post(reverse(name, args=arguments), {"once": "a-key"}) for _time in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]


def test_another_persons_is_still_not_found(sign_in, carla, mo, committee):
    name, arguments = a_token(carla, committee)
    for _time in range(2):
        assert sign_in(mo).post(reverse(name, args=arguments)).status_code == 404
