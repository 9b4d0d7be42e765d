"""What the release before had planned, sent or in its hands is known after the upgrade: nothing is planned or sent twice."""

from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.utils.crypto import salted_hmac

from members.mail.emails import message_id
from members.mail.kinds import registry
from members.mail.outgoing.planning import sweep
from members.models import BulkSend, Delivery
from tests.story import everything
from tests.upgrading import Upgrade

__all__ = ["everything"]

pytestmark = pytest.mark.django_db

# A kind, the number by which it was told apart before, and the key that it has now.
KEYS = [
    ("invitation", 0, "invitation:0"),
    ("invitation", 3, "invitation:3"),
    ("moved", 3, "moved:3"),
    ("changed", 7, "changed:7"),
    ("cancelled", 1, "cancelled:1"),
    ("reminder", 0, "reminder:0"),
    ("rsvp_confirmation", 12, "rsvp_confirmation:12"),
    ("agenda_published", 2, "agenda_published:2"),
    ("withdrawn", 4, "withdrawn:4"),
    ("join_request", 0, "join_request:0"),
    ("announcement", 1, "announcement:1"),
    ("network_announcement", 2, "network_announcement:2"),
    ("nudge", date(2026, 11, 24).toordinal(), "nudge:2026-11-24"),
    ("answer_unclear", date(2028, 2, 29).toordinal(), "answer_unclear:2028-02-29"),
    ("leaderless", 29_410_205, "leaderless:2025-12-01T18:05"),
    ("joined", 0, ""),
    ("sign_in_code", 0, ""),
    ("daily_digest", 0, ""),
    ("of_a_release_before", 5, "of_a_release_before:5"),
    ("nudge", 0, ""),
]
STATES = {
    "pending": "queued",
    "leased": "claimed",
    "handing": "sending",
    "gathered": "digested",
    "sent": "sent",
    "skipped": "suppressed",
    "expired": "expired",
    "dead": "failed",
}
# Kinds that the release before did not have.
SINCE = {
    "action_assigned",
    "action_due",
    "application_asked",
    "application_lapsed",
    "carried_words",
    "committee_role",
    "contact_asked",
    "contact_shown",
    "mail_answered",
    "mailing",
    "mailing_test",
    "mail_received",
    "poll",
    "poll_closed",
    "poll_reminder",
    "poll_times",
    "privacy_news",
    "proposal_answered",
    "seat_offered",
    "series_answered",
    "series_changed",
    "series_invitation",
    "series_withdrawn",
    "minutes",
    "minutes_due",
    "minutes_objection",
    "still_in_office",
    "terms_end",
    "vouch_asked",
}
BEFORE, UPGRADE = ("members", "0026_reminders_set_at"), ("members", "0027_words_of_deliveries")


@pytest.fixture
def upgrade(db):
    return Upgrade(BEFORE, UPGRADE, "Delivery", "Sending")


def number_before(kind: str, key: str) -> int:
    """As the release before counted: days since year 1, minutes since 1970, or what the key counts."""
    which = key.partition(":")[2]
    if kind in ("nudge", "answer_unclear"):
        return date.fromisoformat(which).toordinal()
    if kind == "leaderless":
        return int(datetime.fromisoformat(which).replace(tzinfo=UTC).timestamp()) // 60
    return int(which or 0)


def as_before(row: Delivery) -> dict:
    """The row as the release before stored it."""
    names = [field.attname for field in Delivery._meta.local_concrete_fields if not field.generated]
    values = {name: getattr(row, name) for name in names}
    values |= {"subject": values.pop("about"), "edition": number_before(row.kind, values.pop("dedupe_key"))}
    return values | {"state": {new: old for old, new in STATES.items()}[row.state]}


def message_id_before(row: dict) -> str:
    key = " ".join(str(row[name]) for name in ("id", "recipient_id", "kind", "subject", "edition", "offset"))
    proof = salted_hmac("members.message_id", key, algorithm="sha256").hexdigest()[:20]
    return f"<{row['id']}.{proof}@{settings.MAIL_DOMAIN}>"


def test_each_kind_keeps_what_tells_its_news_apart_and_its_message_id(upgrade, mo):
    rows = [
        {"id": n, "recipient_id": mo.pk, "kind": kind, "subject": f"thing:{n}", "edition": number, "offset": n}
        for n, (kind, number, _key) in enumerate(KEYS, start=1)
    ]
    upgrade.store("Delivery", rows)
    upgrade.store(
        "Sending",
        [row | {"people": 1, "sent_by_id": mo.pk, "goes_at": mo.created_at} for row in map(_sent_to_many, rows)],
    )
    upgrade.run()
    found = upgrade.query("SELECT kind, about, about_id, dedupe_key, dedupe_number FROM members_delivery ORDER BY id")
    counted = [
        int(key.rpartition(":")[2]) if key.rpartition(":")[2].isdigit() and "T" not in key else 0
        for _kind, _number, key in KEYS
    ]
    assert found == [
        (kind, f"thing:{n}", n, key, count)
        for n, ((kind, _number, key), count) in enumerate(zip(KEYS, counted, strict=True), start=1)
    ]
    assert upgrade.query("SELECT kind, about, dedupe_key FROM members_sending ORDER BY id") == [
        row[:2] + row[3:4] for row in found
    ]
    upgrade.take_over(Delivery)
    assert [message_id(row) for row in Delivery.objects.order_by("pk")] == list(map(message_id_before, rows))


def _sent_to_many(row: dict) -> dict:
    return {name: row[name] for name in ("id", "kind", "subject", "edition")}


def test_each_state_keeps_its_row_in_the_hands_it_was_in(upgrade, mo):
    lease = "12345678-1234-5678-1234-567812345678"
    rows = [
        {
            "recipient_id": mo.pk,
            "kind": "joined",
            "subject": f"membership:{n}",
            "state": state,
            "claims": n,
            "reason": f"Because {n}",
        }
        | ({"lease": lease} if state in ("leased", "handing") else {})
        for n, state in enumerate(STATES)
    ]
    upgrade.store("Delivery", rows)
    asked = "SELECT state, lease::text, claims, reason, next_try_at, due_at FROM members_delivery ORDER BY id"
    before = upgrade.query(asked)
    upgrade.run()
    assert upgrade.query(asked) == [(STATES[state], *rest) for state, *rest in before]
    upgrade.query("INSERT INTO members_delivery (kind, about, address) VALUES ('test', 'x:1', 'a@portal.example')")
    fresh = "SELECT state, dedupe_key, dedupe_number FROM members_delivery WHERE kind = 'test'"
    assert upgrade.query(fresh) == [("queued", "", 0)]
    upgrade.query("SET CONSTRAINTS ALL IMMEDIATE")
    upgrade.undo()
    assert upgrade.query(asked)[:-1] == before


def test_what_was_planned_before_is_not_planned_again(everything, upgrade):
    """Each kind there is, planned by the code of today, stored as the release before stored it, and upgraded."""
    while sweep():
        pass  # a planner may stand on what another one stored
    planned, sendings = list(Delivery.objects.order_by("pk")), list(BulkSend.objects.order_by("pk"))
    assert {row.kind for row in planned} == set(registry)
    planned = [row for row in planned if row.kind not in SINCE]
    old = [as_before(row) for row in planned]
    upgrade.store("Delivery", old)
    upgrade.run()
    upgrade.take_over(Delivery)
    found = list(Delivery.objects.order_by("pk"))
    assert [_told(row) for row in found] == [_told(row) for row in planned]
    assert [message_id(row) for row in found] == list(map(message_id_before, old))
    sweep()
    assert Delivery.objects.exclude(kind__in=SINCE).count() == len(planned)
    assert list(BulkSend.objects.order_by("pk")) == sendings


def _told(row: Delivery) -> tuple:
    return row.pk, row.recipient_id, row.kind, row.about, row.dedupe_key, row.offset, row.state, row.lease
