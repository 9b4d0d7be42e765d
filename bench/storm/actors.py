"""People who change their minds while it storms, through the public verbs, until SIGTERM.

Run in a shell of Django: it uses the models. Most answer a call, some leave the committee, and the co-chair moves or cancels a call now and then. A line of the log, as
JSON: `what`, `call`, `person`, `began` and `ended` in seconds of the machine's clock, and `sure` unless the database went
away so that nobody knows whether it happened. What a page would answer with a sentence is tried again by a person; here too.
"""

import json
import random
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.db import connection

from committees.models import Membership
from events.answers.answering import respond
from events.models import Meeting, Rsvp
from events.schedule import scheduling
from members.models import User

STILL = 0.25  # share of the people who never do anything, so that something is known without the log


class Actors:
    def __init__(self, log: TextIO, seed: int) -> None:
        self.log, self.chance, self.over = log, random.Random(seed), False
        self.moves = 0

    def run(self, rate: float) -> None:
        while not self.over:
            try:
                self.people, self.calls, self.chair = self._look()
                break
            except Exception:
                time.sleep(0.5)
        while not self.over:
            self._one()
            time.sleep(self.chance.expovariate(rate))

    def _look(self) -> tuple[list[Any], list[Any], Any]:
        people = list(User.objects.filter(is_active=True).order_by("pk"))
        return people[2 : int(len(people) * (1 - STILL))], list(Meeting.objects.order_by("pk")), people[0]

    def _one(self) -> None:
        what = self.chance.choices(["answer", "leave", "move", "cancel"], [1000, 20, 6, 1])[0]
        call, person = self.chance.choice(self.calls), self.chance.choice(self.people)
        if what == "cancel" and call is self.calls[0]:
            return  # one call stands to the end
        line: dict[str, Any] = {"what": what, "call": call.pk, "person": person.pk, "began": time.time(), "sure": True}
        try:
            line |= getattr(self, f"_{what}")(call, person)
        except ValidationError:
            line["refused"] = True
        except Exception as error:
            line |= {"sure": False, "error": f"{type(error).__name__}: {error}"[:200]}
            self._hang_up()
        self.log.write(json.dumps(line | {"ended": time.time()}) + "\n")

    def _answer(self, call: Any, person: Any) -> dict[str, Any]:
        answer = self.chance.choice(["accepted", "tentative", "declined"])
        meeting = Meeting.objects.get(pk=call.pk)
        seen = Rsvp.objects.filter(meeting=call, user=person).values_list("version", flat=True).first() or 0
        answered = respond(meeting, person, answer, seen=seen)
        return {
            "answer": answer,
            "edition": meeting.edition,
            "version": answered.rsvp.version,
            "told": answered.changed,
        }

    def _leave(self, call: Any, person: Any) -> dict[str, Any]:
        seat = Membership.objects.current().filter(user=person).first()
        if seat:
            seat.end(person)
        return {"left": True}

    def _move(self, call: Any, person: Any) -> dict[str, Any]:
        """A little later each time, so that the reminder of the new time is due or will be within the horizon."""
        meeting = Meeting.objects.get(pk=call.pk)
        self.moves += 1
        start = meeting.starts_at.astimezone(meeting.zone) + timedelta(minutes=1)
        moved = scheduling.move(
            meeting,
            self.chair,
            reason="Storm.",
            local_date=start.date(),
            local_time=start.time().replace(tzinfo=None),
            timezone=meeting.timezone,
        )
        return {"edition": moved.edition if moved else None}

    def _cancel(self, call: Any, person: Any) -> dict[str, Any]:
        return {"canceled": scheduling.cancel(Meeting.objects.get(pk=call.pk), self.chair, "Storm.")}

    def _hang_up(self) -> None:
        try:
            connection.close()
        except Exception:
            connection.connection = None
        time.sleep(0.3)


def change(log: str, seed: int, rate: float) -> None:
    """`rate` is in changes a second."""
    with Path(log).open("a", buffering=1) as lines:
        actors = Actors(lines, seed)
        signal.signal(signal.SIGTERM, lambda *_anything: setattr(actors, "over", True))
        actors.run(rate)
