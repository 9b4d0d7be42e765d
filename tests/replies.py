"""Mails as calendars and people send them back, filled with a call and a person (tests/events/replies/*.eml)."""

from __future__ import annotations

import base64
import itertools
import re
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from events.models import Meeting
from members.mail import reply_addresses
from members.mail.incoming.inbox import process, store
from members.models import InboundMail, User

SAMPLES = Path(__file__).parent / "events" / "replies"
CALENDARS = ("google", "outlook", "apple", "icloud", "thunderbird", "fastmail")
VERBS = {"ACCEPTED": "Accepted", "TENTATIVE": "Tentatively Accepted", "DECLINED": "Declined"}
_numbers = itertools.count(1)


def reply(sample: str, meeting: Meeting, person: User, partstat: str = "ACCEPTED", **fields: object) -> bytes:
    """A reply of this person to this call; `fields` replace what the sample is filled with (uid, sender, sequence ...)."""
    sender = fields.pop("sender", person.email)
    values = {
        "id": next(_numbers),
        "to": reply_addresses.address(reply_addresses.ANSWER, person.pk, meeting.pk),
        "from": sender,
        "attendee": sender,
        "verb": VERBS.get(partstat, "Answered"),
        "partstat": partstat,
        "uid": meeting.uid,
        "sequence": meeting.sequence,
        "stamp": timezone.now(),
        "start": meeting.starts_at,
        "end": meeting.ends_at,
        "comment": "",
        **fields,
    }
    text = (SAMPLES / f"{sample}.eml").read_text()
    text = text.replace("@GOOGLE@", (SAMPLES / "google.ics").read_text().strip())
    for name, value in values.items():
        text = text.replace(f"@{name.upper()}@", _written(value))
    text = re.sub(r"%%base64\n(.*?)%%end\n", _encoded, text, flags=re.DOTALL)
    return text.replace("\n", "\r\n").encode()


def receive(raw: bytes, **envelope: object) -> InboundMail:
    """Store it and read it, as a worker would."""
    mail, _created = store(raw, InboundMail.Via.LOCAL, **envelope)
    process()
    mail.refresh_from_db()
    return mail


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def _written(value: object) -> str:
    return (
        f"{value.astimezone(timezone.get_fixed_timezone(0)):%Y%m%dT%H%M%SZ}"
        if isinstance(value, datetime)
        else str(value)
    )


def _encoded(found: re.Match[str]) -> str:
    return base64.encodebytes(found[1].replace("\n", "\r\n").encode()).decode()
