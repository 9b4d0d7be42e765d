"""Suppression rules about calls: conditions over deliveries, each with its words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext_lazy as _

from committees.models import Membership
from events.models import AgendaPublication, Meeting, Rsvp
from events.models.joint import seats_at
from members.mail.suppression import SuppressionRule
from members.models import Delivery, MessageSettings
from members.times.clock import database_today

HOUR = 60  # minutes
BETWEEN_NUDGES = timedelta(hours=24)  # from any message about a call to a nudge


def _the_call(*conditions: Q, **lookups: Any) -> Exists:
    return Exists(Meeting.objects.filter(*conditions, pk=OuterRef("about_id"), **lookups))


def _answered(**lookups: Any) -> Exists:
    """The recipient's answer to the time that holds."""
    mine = Rsvp.objects.filter(meeting=OuterRef("about_id"), user=OuterRef("recipient"), edition=F("meeting__edition"))
    return Exists(mine.exclude(response=Rsvp.Response.NEEDS_ACTION).filter(**lookups))


def _on_committee() -> Exists:
    held = Membership.objects.held(on=database_today()).filter(user=OuterRef("recipient"))
    return Exists(seats_at(OuterRef("about_id"), held))


def told_lately() -> Q:
    """A condition over deliveries: sent within the last day, or about to be."""
    return Q(state=Delivery.State.SENT, sent_at__gt=Now() - BETWEEN_NUDGES) | Q(
        state__in=Delivery.OPEN, due_at__lte=Now()
    )


GONE = SuppressionRule(~_the_call(), _("The call no longer exists."))
NOT_TOLD = SuppressionRule(
    _the_call(Q(told_at=None) | Q(told_at__gt=Greatest(OuterRef("due_at"), Now()))),
    _("The committee is not told of the call."),
)
CANCELLED = SuppressionRule(_the_call(cancelled_at__isnull=False), _("The call was canceled."))
ON_AGAIN = SuppressionRule(_the_call(cancelled_at=None), _("The call is on again."))
MOVED = SuppressionRule(~_the_call(edition=OuterRef("dedupe_number")), _("The call moved to another time."))
OVER = SuppressionRule(_the_call(ends_at__lt=Now()), _("The call was over."), Delivery.State.EXPIRED)
NOT_ON_COMMITTEE = SuppressionRule(
    ~_on_committee(), _("The person is not on the committee."), yours=_("You’re not on the committee.")
)
BACK_AGAIN = SuppressionRule(
    Q(_on_committee()),
    _("The person is on the committee again, so the call stays."),
    yours=_("You’re on the committee again, so the call stays."),
)
DECLINED = SuppressionRule(
    _answered(response=Rsvp.Response.DECLINED),
    _("The person answered that they can’t come."),
    yours=_("You answered that you can’t come."),
)
WAITS = SuppressionRule(
    _answered(response=Rsvp.Response.WAITING),
    _("The person is on the wait list."),
    yours=_("You’re on the wait list. We write when a seat is yours."),
)
ALREADY_ANSWERED = SuppressionRule(
    _answered(), _("The person had answered already."), yours=_("You had answered already.")
)
ANSWERED_SINCE = SuppressionRule(
    Exists(  # and is told of the newer answer; the same answer given again is no news and stops nothing
        Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            kind=OuterRef("kind"),
            about=OuterRef("about"),
            dedupe_number__gt=OuterRef("dedupe_number"),
        )
    ),
    _("The person answered again since."),
    yours=_("You answered again since."),
)
NOT_ANSWERED = SuppressionRule(~_answered(), _("The answer was for an earlier time, or taken back."))
CHANGED_AGAIN = SuppressionRule(
    Exists(  # and is told of the newer change: one that was saved quietly, or taken back, stops nothing
        Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            about=OuterRef("about"),
            kind__in=["changed", "moved"],
            pk__gt=OuterRef("pk"),
        ).exclude(state=Delivery.State.SUPPRESSED)
    ),
    _("The call changed again since."),
)
ANSWERED_MEANWHILE = SuppressionRule(
    Q(_answered(answered_at__gte=OuterRef("due_at")), offset__gte=HOUR),
    _("The person answered after the moment this reminder was due."),
    yours=_("You answered after the moment this reminder was due."),
)
ANSWERED_AFTER = SuppressionRule(
    _answered(answered_at__gte=OuterRef("created_at")),
    _("The person answered in another way since."),
    yours=_("You answered in another way since."),
)
NOT_THIS_OFFSET = SuppressionRule(
    Q(
        ~_the_call(
            Q(reminder_offsets__contains=[OuterRef("offset")])
            | Q(reminder_offsets=None, committee__reminder_offsets__contains=[OuterRef("offset")])
        ),
        recipient__message_settings__reminder_offsets=None,
    ),
    _("The co-chairs took this reminder away."),
)
NOT_MY_OFFSET = SuppressionRule(
    Exists(
        MessageSettings.objects.filter(user=OuterRef("recipient"), reminder_offsets__isnull=False).exclude(
            reminder_offsets__contains=[OuterRef("offset")]
        )
    ),
    _("The person chose other reminders."),
    yours=_("You chose other reminders."),
)
LEFT_OUT = SuppressionRule(
    Q(
        recipient__message_settings__quiet_reminders=MessageSettings.InQuietHours.SKIP
    )  # first, so that nobody else is asked the rest
    & Q(
        Func(
            Subquery(Meeting.objects.filter(pk=OuterRef("about_id")).values("starts_at")[:1]),
            "offset",
            "recipient__timezone",
            "recipient__message_settings__quiet_from",
            "recipient__message_settings__quiet_until",
            "recipient__message_settings__quiet_reminders",
            function="events_left_out",
            output_field=BooleanField(),
        )
    ),
    _("It would have come in the person’s quiet hours, and they chose to leave such reminders out."),
    yours=_("It would have come in your quiet hours, and you chose to leave such reminders out."),
)
NEWER_WENT = SuppressionRule(
    Exists(
        Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            kind=OuterRef("kind"),
            about=OuterRef("about"),
            dedupe_key=OuterRef("dedupe_key"),
            offset__lt=OuterRef("offset"),
            state=Delivery.State.SENT,
        )
    ),
    _("A later reminder of this call went already."),
)
AGENDA_TAKEN_BACK = SuppressionRule(
    ~Exists(
        AgendaPublication.objects.filter(
            meeting=OuterRef("about_id"), number=OuterRef("dedupe_number"), taken_back_at__isnull=True
        )
    ),
    _("The agenda was taken back."),
)
NEWER_AGENDA = SuppressionRule(
    Exists(  # and can't be taken back any more
        Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            kind=OuterRef("kind"),
            about=OuterRef("about"),
            dedupe_number__gt=OuterRef("dedupe_number"),
            due_at__lte=Now(),
        ).exclude(state=Delivery.State.SUPPRESSED)
    ),
    _("The agenda was published again since."),
)
TOLD_LATELY = SuppressionRule(
    Exists(
        Delivery.objects.filter(told_lately(), recipient=OuterRef("recipient"), about=OuterRef("about")).exclude(
            pk=OuterRef("pk")
        )
    ),
    _("Another message about this call went within the last 24 hours."),
)
