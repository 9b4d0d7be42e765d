"""One bad row stops no sweep of messages, and staff see what failed three times."""

import pytest
from django.db import DataError, connection
from django.utils.timezone import now

from events.messages.invitations import Invitation
from members.mail.incoming import bounces, inbox
from members.mail.incoming.inbox import process, store
from members.mail.outgoing import planning
from members.mail.outgoing.worker import deliver
from members.models import Delivery, InboundMail, Stumble, Suppression
from members.times.zones import validate_zone
from portal.staff.stuck import PARTS
from tests.members.test_digests import TUESDAY, choose, invited, summarize
from tests.members.test_inbound import mail_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


def plan_rockets():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 40000::smallint")
    return 0


def test_a_planner_that_fails_takes_no_other_with_it(monkeypatch, desk):
    asked = []

    def plan_others():
        asked.append(connection.ensure_connection())
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return 2

    monkeypatch.setattr(planning, "planners", {"rockets": plan_rockets, "others": plan_others})
    assert [planning.plan() for _time in range(2)] == [2, 2]
    assert "smallint" not in desk.get("/staff/").text
    assert planning.plan() == 2 and len(asked) == 3
    stumble = Stumble.objects.get()
    assert (stumble.part, stumble.tries, stumble.reason.strip()) == ("plan_rockets", 3, "smallint out of range")
    assert "plan_rockets have not been planned since" in desk.get("/staff/").text
    monkeypatch.setattr(planning, "planners", {"others": plan_others})
    monkeypatch.setattr(plan_others, "__name__", "plan_rockets")
    planning.plan()
    assert not Stumble.objects.exists()


def test_each_planner_has_words(monkeypatch):
    assert planning.planners.keys() <= PARTS.keys()


def test_no_zone_comes_in_that_the_database_does_not_know():
    with pytest.raises(Exception, match="not a time zone"):
        validate_zone("localtime")


def test_a_refusal_that_cannot_be_dealt_with_holds_up_no_other(mo, olga, monkeypatch):
    for person in (mo, olga):
        Delivery.objects.create(
            recipient=person,
            kind="joined",
            about="x:1",
            state="failed",
            refused_at=now(),
            last_reply="550 5.1.1 Nobody",
        )
    stop = Suppression.stop

    def broken(address, *args, **kwargs):
        if address == mo.email:
            raise DataError("value too long")
        return stop(address, *args, **kwargs)

    monkeypatch.setattr(Suppression, "stop", broken)
    assert bounces.stop_refused() == 1
    assert Suppression.objects.get().address == olga.email
    reason = Delivery.objects.get(recipient=mo).returned_reason
    assert reason == "It was refused, and what follows from that went wrong: value too long"
    assert bounces.stop_refused() == 0


def test_a_kind_whose_facts_cannot_be_digested_stops_no_summary(committee, carla, mo, smtp, monkeypatch):
    choose(mo, "daily")
    invited(committee, carla)

    def broken(self, deliveries):
        raise KeyError("a fact that is not there")

    summarize(TUESDAY)
    monkeypatch.setattr(Invitation, "load", broken)
    deliver()
    assert "Invitations to calls" in smtp.to(mo.email)[0].message["Subject"]


def test_a_mail_that_could_not_be_read_shows_for_a_week(desk):
    store(mail_of(), "local")
    InboundMail.objects.update(state="failed", subject="Sí, voy")
    page = desk.get("/staff/").text
    assert "1 mail that came in could not be read: Sí, voy." in page
    assert "/staff/messages/inbound/?state=failed" in page
    InboundMail.objects.update(received_at=now() - InboundMail.LATELY)
    assert "could not be read" not in desk.get("/staff/").text
    assert process() == 0


def test_a_mail_that_is_too_much_for_the_database_holds_up_no_other(monkeypatch):
    """It is an operational error, as is a database that is away; but this one goes on."""
    for number in (1, 2):
        store(mail_of(message_id=f"<{number}@mail.example>"), "local")
    asked = []

    def read(mail, opened):
        asked.append(mail.pk)
        if len(asked) == 1:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT to_tsvector('english', string_agg(md5(n::text), ' ')) FROM generate_series(1, 60000) AS n"
                )
        return inbox.ignored("Read.")

    monkeypatch.setattr(inbox, "readers", {"read": (0, read)})
    assert process() == 2 and len(asked) == 2
    assert sorted(InboundMail.objects.values_list("state", flat=True)) == ["ignored", "new"]
