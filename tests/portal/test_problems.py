"""What the API says when it says no: problem details (RFC 9457), whoever noticed, and whatever was asked."""

import json
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver
from django_filters import BooleanFilter, IsoDateTimeFilter
from knox.models import AuthToken
from rest_framework.throttling import UserRateThrottle

from members.rest import filters
from members.rest.described import StrictQuery, description
from portal import api


@pytest.fixture
def token(mo):
    return AuthToken.objects.create(mo)[1]


@pytest.fixture
def client(token):
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


@pytest.fixture
def put(client, meeting):
    def send(body, content_type="application/json", **headers):
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return client.put(f"/api/meetings/{meeting.slug}/rsvp/", body, content_type=content_type, headers=headers)

    return send


def told(response) -> tuple[int, str]:
    """The status and the code, of a response that is a problem from head to foot."""
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert (problem["type"], problem["status"]) == ("about:blank", response.status_code)
    assert problem["title"] == HTTPStatus(response.status_code).phrase and problem["detail"]
    return response.status_code, problem["code"]


def test_nobody_is_asked_for_a_token():
    response = Client().get("/api/meetings/")
    assert told(response) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("word", ["Bearer", "Token", "bearer", "TOKEN"])
def test_a_token_is_taken_by_both_of_its_names(token, word):
    assert Client(headers={"Authorization": f"{word} {token}"}).get("/api/me/").status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer nonsense", "Bearer \xff\xfe", "Token \xe9"])
def test_a_token_that_is_none(db, header):
    assert told(Client(headers={"Authorization": header}).get("/api/me/")) == (401, "authentication_failed")


def test_an_applicant_is_refused(sign_in, ana, meeting):
    assert told(sign_in(ana).get("/api/meetings/")) == (403, "permission_denied")


@pytest.mark.parametrize("path", ["/api/meetings/elsewhere/", "/api/documents/7/", "/api/documents/seven/"])
def test_what_is_not_there_is_not_there(client, meeting, path):
    assert told(client.get(path)) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("path", ["/api/nothing/", "/api/nothing", "/api/meetings/a/b/c/", "/api/é/"])
def test_an_unknown_address_is_a_problem_whatever_the_method(db, client, method, path):
    for each in (client, Client()):
        assert told(getattr(each, method)(path)) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "delete", "patch", "trace"])
def test_an_address_that_takes_no_such_method(client, method):
    response = getattr(client, method)("/api/meetings/")
    assert told(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_it_speaks_json_alone(client, put):
    assert told(client.get("/api/meetings/", headers={"Accept": "text/html"})) == (406, "not_acceptable")
    assert told(put("response=accepted", "application/x-www-form-urlencoded")) == (415, "unsupported_media_type")
    assert told(put("{")) == (400, "parse_error")
    assert told(put(b'{"note": "\\u0000"}')) == (400, "bad_request")


def test_haste_is_told_how_long_to_wait(client, monkeypatch):
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "1/min"})
    client.get("/api/me/")
    response = client.get("/api/me/")
    assert told(response) == (429, "throttled")
    assert 0 < int(response.headers["Retry-After"]) <= 60


def test_what_nobody_foresaw_is_a_problem_too(client, monkeypatch):
    monkeypatch.setattr("members.api.MeView.get_object", lambda view: 1 / 0)
    assert told(client.get("/api/me/")) == (500, "error")


def test_a_page_keeps_its_pages_of_mistakes(db):
    assert Client().get("/nothing/").headers["Content-Type"].startswith("text/html")


def test_each_wrong_field_is_named(put):
    response = put({"response": "perhaps", "version": 0, "nte": 1})
    assert told(response) == (400, "invalid")
    assert response.json()["errors"] == [
        {
            "name": "nte",
            "code": "unknown",
            "detail": "There is no such field here. Known: response, version, note, page, click, scope.",
        }
    ]
    response = put({"response": "perhaps", "version": -1})
    assert [(each["name"], each["code"]) for each in response.json()["errors"]] == [
        ("response", "invalid_choice"),
        ("version", "min_value"),
    ]
    assert response.json()["detail"].startswith("response: ") and "version: " in response.json()["detail"]
    assert [each["name"] for each in put([]).json()["errors"]] == [None]


@pytest.mark.parametrize(
    ("name", "value"),
    [("version", "0"), ("version", True), ("version", 0.5), ("note", 1), ("page", False), ("response", ["accepted"])],
)
def test_a_value_of_another_kind_is_refused(put, name, value):
    response = put({"response": "accepted", "version": 0} | {name: value})
    assert told(response) == (400, "invalid")
    assert [(each["name"], each["code"]) for each in response.json()["errors"]] == [(name, "wrong_type")]


def test_a_whole_number_may_have_a_point(put):
    """As JSON Schema has it."""
    assert put({"response": "accepted", "version": 0.0}).status_code == 200


@pytest.mark.parametrize(
    ("path", "name", "code"),
    [
        ("meetings/?upcomming=true", "upcomming", "unknown"),
        ("meetings/?upcoming=yes", "upcoming", "invalid"),
        ("meetings/?upcoming=", "upcoming", "blank"),
        ("meetings/?cancelled=1", "cancelled", "invalid_choice"),
        ("meetings/?starts_after=yesterday", "starts_after", "invalid"),
        ("meetings/?starts_after=", "starts_after", "blank"),
        ("meetings/?limit=0", "limit", "out_of_range"),
        ("meetings/?limit=-1", "limit", "out_of_range"),
        ("meetings/?limit=101", "limit", "out_of_range"),
        ("meetings/?limit=ten", "limit", "out_of_range"),
        ("meetings/?limit=١", "limit", "out_of_range"),
        ("meetings/?offset=-1", "offset", "out_of_range"),
        ("meetings/?offset=1.5", "offset", "out_of_range"),
        (f"meetings/?offset={'9' * 400}", "offset", "out_of_range"),
        ("meetings/?limit=1&limit=2", "limit", "repeated"),
        ("committees/?mine=maybe", "mine", "invalid"),
        ("committees/?kind=cabal", "kind", "invalid_choice"),
        ("committees/?kind=", "kind", "blank"),
        ("meetings/?committee=", "committee", "blank"),
        ("meetings/?committee=a,,b", "committee", "invalid"),
        ("meetings/?committee=a&committee=not+a+slug", "committee", "invalid"),
        ("documents/?audience=me", "audience", "invalid_choice"),
        ("people/?level=galaxy", "level", "invalid_choice"),
        ("people/?state=Texas", "state", "invalid_choice"),
        ("people/?state=", "state", "blank"),
        ("publications/?state=XX", "state", "invalid_choice"),
        ("publications/?type=poem", "type", "invalid_choice"),
        ("me/?limit=1", "limit", "unknown"),
        ("meetings/{slug}/?limit=1", "limit", "unknown"),
        ("meetings/{slug}/agenda/?upcoming=true", "upcoming", "unknown"),
        ("meetings/{slug}/rsvp/?version=1", "version", "unknown"),
    ],
)
def test_a_parameter_that_can_not_be_read_is_named(client, meeting, path, name, code):
    response = client.get("/api/" + path.format(slug=meeting.slug))
    assert told(response) == (400, "invalid")
    assert [(each["name"], each["code"]) for each in response.json()["errors"]] == [(name, code)]


def test_who_misspells_a_parameter_is_told_the_known_ones(client):
    detail = client.get("/api/people/?sate=NM").json()["errors"][0]["detail"]
    assert detail == "There is no such parameter here. Known: level, limit, name, offset, state."


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00-14:00", "9999-12-31T23:59:59-23:59", "2026-11-30T12:00:00Z"])
def test_every_moment_of_the_calendar_is_taken(client, meeting, moment):
    for name in ("starts_after", "starts_before"):
        assert client.get("/api/meetings/", {name: moment}).status_code == 200


def views_of(patterns) -> set:
    found = set()
    for each in patterns:
        if isinstance(each, URLResolver):
            found |= views_of(each.url_patterns)
        elif isinstance(each, URLPattern):
            found.add(each.callback.cls)
    return found


def test_every_view_of_the_api_is_strict():
    lenient = {view.__name__ for view in views_of(api.urlpatterns) if not issubclass(view, StrictQuery)}
    assert lenient == {"APIRootView", "Description"}  # which take none


def test_every_filter_of_the_api_is_strict():
    of_all = [
        each
        for view in views_of(api.urlpatterns)
        for each in getattr(getattr(view, "filterset_class", None), "base_filters", {}).values()
    ]
    assert any(isinstance(each, filters.BooleanFilter) for each in of_all)
    for each in of_all:
        assert not isinstance(each, BooleanFilter) or isinstance(each, filters.BooleanFilter)
        assert not isinstance(each, IsoDateTimeFilter) or isinstance(each, filters.MomentFilter)


def test_each_operation_says_all_that_can_happen():
    for path, operations in description()["paths"].items():
        for method, operation in operations.items():
            expected = {"400", "401", "403", "406", "429", "500"} | ({"404"} if "{" in path else set())
            expected |= {"410", "413", "415"} if method in ("post", "put", "patch") else set()
            assert expected <= operation["responses"].keys(), (method, path)
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert [*response["content"]] == ["application/problem+json"], (method, path, status)


def test_the_description_is_open(client):
    for each in (client, Client(), Client(headers={"Authorization": "Bearer dead"})):
        response = each.get("/api/schema/")
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    schema = response.json()
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    me = schema["paths"]["/api/me/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert me == {"$ref": "#/components/schemas/Me"}
