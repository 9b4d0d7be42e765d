"""What somebody fills in: an answer to each time, with what the page showed, so that an older page never wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Poll, PollSlot, PollVote
from events.models.polls import Said, Voted
from events.polls.messages import committee_time
from members.models import User
from members.times import formats

Answer = PollVote.Answer
MOST_FIELDS = 40


@dataclass(frozen=True)
class BallotRow:
    """One time to answer: `answer` is the one that stands, `shown` the one that is chosen on the page."""

    slot: PollSlot
    answer: str
    shown: str
    there: str  # the committee's time, where that is another

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        return [(value, str(label), value == self.shown) for value, label in Answer.choices]


def ballot_of(poll: Poll, person: User, meant: Mapping[str, Any] | None = None) -> list[BallotRow]:
    """The times to answer, as the person answered them; `meant` are the answers that the link of a mail stands for."""
    rows = []
    for slot in poll.slots.standing().ahead().with_answer_of(person):
        wished = (meant or {}).get(str(slot.pk), "")
        shown = wished if wished in Answer.values else slot.my_answer
        rows.append(BallotRow(slot, slot.my_answer, shown, committee_time(slot, poll)))
    return rows


def posted(data: QueryDict) -> dict[int, Said]:
    """The answers of a form, by time. Fields that are not ours are left alone."""
    ballot = {}
    for name in list(data)[:MOST_FIELDS]:
        kind, _dash, number = name.partition("-")
        answer, was = (str(data.get(key, ""))[:10] for key in (name, f"was-{number}"))
        if kind == "slot" and number.isascii() and number.isdigit() and len(number) < 19 and answer:
            ballot[int(number)] = Said(answer, was)
    return ballot


def said(voted: Voted, poll: Poll) -> tuple[str, bool]:
    """What became of a ballot in a sentence, and whether all of it holds."""
    if voted.overtaken:
        times = get_text_list([formats.listed(slot.starts_at) for slot in voted.overtaken], str(_("and")))
        return _("You answered again since. Those later answers stand: %(times)s.") % {"times": times}, False
    if voted.gone:
        words = ngettext(
            "Saved. %(n)s time was taken out meanwhile, so it isn’t asked any more.",
            "Saved. %(n)s times were taken out meanwhile, so they aren’t asked any more.",
            voted.gone,
        )
        return words % {"n": voted.gone}, False
    until = _("You can change them until %(when)s.") % {"when": formats.listed(poll.closes_at)}
    return f"{_('Your answers are saved.')} {until}", True
