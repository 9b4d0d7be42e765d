"""Nobody learns from how long signing in takes whether an address has an account: the same is done for each."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db
CODE, AGAIN = "/account/login/code/", "/account/login/code/again/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def asked(client: Client, method: str, address: str, **fields: str) -> list[str]:
    """What the database is asked, without the values."""
    with CaptureQueriesContext(connection) as captured:
        getattr(client, method)(address, fields)
    return [re.sub(r"'(?:[^']|'')*'|\b\d+\b|s\d+_x\d+|NULL|None", "?", query["sql"]) for query in captured]


def steps(email: str) -> list[list[str]]:
    client = Client()
    client.get("/account/login/")
    found = [
        asked(client, "post", "/account/login/", email=email),
        asked(client, "get", CODE),
        asked(client, "post", CODE, code="00000000"),
        asked(client, "post", AGAIN),
        asked(client, "post", CODE, code="00000000"),
    ]
    assert all(found[:1]) and len(found[0]) > 5
    return found


def test_each_step_asks_the_same_for_an_address_with_an_account_and_without(mo):
    steps("first@portal.example")  # what is remembered for later is remembered now
    assert steps(mo.email) == steps("nobody@portal.example")
