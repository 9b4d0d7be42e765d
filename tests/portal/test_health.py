"""What a load balancer and a container's health check are told."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from members.models import Delivery


def test_the_process_lives_without_asking_the_database(client):
    """No fixture lets this test reach the database."""
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_ready_means_database_migrations_and_redis(db, client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "database": True,
        "redis": True,
        "migrated": True,
        "oldest_due_delivery_seconds": 0,
        "messages": {
            "waiting": 0,
            "held": 0,
            "unknown": 0,
            "refused": 0,
            "sent": 0,
            "second_copies": 0,
            "late_p50_seconds": None,
            "late_p99_seconds": None,
        },
    }


def test_ready_tells_how_long_a_message_has_waited(mo, client):
    Delivery.enqueue("joined", [mo], "membership:1")
    Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=2))
    assert 119 <= client.get("/readyz").json()["oldest_due_delivery_seconds"] <= 130


def test_redis_away_is_told_and_no_reason_to_stop_serving(db, client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert (response.status_code, response.json()["redis"], response.json()["ready"]) == (200, False, True)


def test_database_away_is_503(db, client, settings):
    settings.DATABASES["default"]["HOST"], before = "/nowhere", settings.DATABASES["default"]["HOST"]
    try:
        response = client.get("/readyz")
    finally:
        settings.DATABASES["default"]["HOST"] = before
    assert (response.status_code, response.json()) == (503, {"ready": False, "database": False, "redis": True})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_read_only_and_asks_nobody_to_sign_in(path, db):
    assert Client().post(path).status_code == 405
    assert Client().get(path).status_code == 200


# Metrics ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "networks", "headers", "status"),
    [
        ("", [], {}, 404),
        ("", [], {"Authorization": "Bearer "}, 404),
        ("secret", [], {}, 404),
        ("secret", [], {"Authorization": "Bearer wrong"}, 404),
        ("secret", [], {"Authorization": "Bearer secret"}, 200),
        ("", ["127.0.0.0/8"], {}, 200),
        ("", ["10.0.0.0/8"], {}, 404),
        ("", ["127.0.0.0/8"], {"X-Forwarded-For": "127.0.0.1"}, 404),
    ],
)
def test_metrics_are_for_the_token_or_the_network(db, client, settings, token, networks, headers, status):
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = token, networks
    assert client.get("/metrics", headers=headers).status_code == status


def test_metrics_say_what_the_proof_says(mo, carla, client, settings):
    settings.METRICS_NETWORKS = ["127.0.0.1"]
    Delivery.enqueue("joined", [mo, carla], "membership:1")
    Delivery.objects.filter(recipient=mo).update(state="failed")
    Delivery.objects.filter(recipient=carla).update(
        state="sent", sent_at=F("due_at") + timedelta(seconds=4), due_at=F("due_at"), repeats=1
    )
    words = client.get("/metrics").text
    for line in [
        'portal_messages_day{kind="joined",state="failed"} 1.0',
        'portal_messages_day{kind="joined",state="sent"} 1.0',
        'portal_messages_lateness_seconds{quantile="0.99"} 4.0',
        "portal_messages_second_copies_day 1.0",
        "portal_messages_refused 1.0",
        "portal_messages_oldest_unsent_seconds 0.0",
    ]:
        assert f"{line}\n" in words
