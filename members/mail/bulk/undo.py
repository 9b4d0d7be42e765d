"""Undo of a bulk send: who may undo it, what became of it, and sending it after all."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.mail import decision
from members.mail.kinds import Notice, registry
from members.models import BulkSend, User
from members.models.pipeline import Undone


@dataclass(frozen=True)
class Bar:
    """The undo bar on a page: the newest bulk send about its subject, for somebody who may undo it."""

    sending: BulkSend
    seconds: int  # until it goes; 0 when it is stopped

    @property
    def stays(self) -> str:
        return str(registry[self.sending.kind].stays)


def may_undo(person: User, sending: BulkSend) -> bool:
    """Whether this person may undo it, by the rights of today."""
    notice = registry.get(sending.kind)
    return notice is not None and notice.may_undo(person, sending)


def bar_for(person: User, about: str) -> Bar | None:
    """The undo bar of the newest bulk send about a thing; None when it went, or this person may not undo it."""
    newest = BulkSend.objects.filter(about=about, kind__in=registry).order_by("-created_at", "-pk").first()
    return bar_of(person, newest) if newest and may_undo(person, newest) else None


def bar_of(person: User, sending: BulkSend) -> Bar | None:
    seconds = sending.seconds_left()
    waits = bool(seconds) or (sending.is_stopped and would_go(sending))
    return Bar(sending, seconds) if waits else None


def would_go(sending: BulkSend) -> bool:
    """Whether at least one recipient of an undone bulk send would still get it if it were sent now."""
    notice = registry[sending.kind]
    unsent = decision.with_decision_fields(notice).filter(
        about=sending.about, dedupe_key=sending.dedupe_key, state="suppressed", handovers=0
    )
    return unsent.alias(decision=decision.of(notice)).filter(decision__lt=0).exists()


@transaction.atomic
def undo(sending: BulkSend, by: User) -> Undone:
    """Stop what has not left. Safe to repeat; `Notice.on_undo` reverts the fact where the kind says so."""
    was_stopped = sending.is_stopped
    outcome = sending.undo(by)
    if outcome.stopped and not was_stopped and sending.stopped_by_id == by.pk:
        registry[sending.kind].on_undo(sending, by)
    return outcome


def said(outcome: Undone, notice: Notice, sending: BulkSend) -> str:
    """The sentence about an undo: "Stopped for 30 people. 8 people had it already. The call stays moved"."""
    if not outcome.stopped:
        return _("It had gone already. Nothing could be stopped.")
    if not outcome.gone:
        return f"{_('Nobody was told.')} {notice.undone_words(sending) or notice.stays}".strip()
    stopped = ngettext("Stopped for %(n)s person.", "Stopped for %(n)s people.", outcome.stopped) % {
        "n": outcome.stopped
    }
    gone = ngettext("%(n)s person had it already.", "%(n)s people had it already.", outcome.gone) % {"n": outcome.gone}
    return f"{stopped} {gone} {notice.stays}".strip()
