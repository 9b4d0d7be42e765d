"""One mail of each kind, as the portal sends it: the verbs that tell somebody are run on the demo network, their mails are rendered, and
everything is rolled back. No mail is made up beside the pipeline, so none differs from what goes out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from committees.announcements import announcing
from committees.ending_terms import plan_terms_end
from committees.joining import requests as joining
from committees.leaderless import Leaderless
from committees.mailings.messages import MailingMessage, MailingTest
from committees.models import Announcement, Committee, Mailing
from events.agenda import proposing, publishing
from events.answers import nudging, waitlist
from events.answers.answering import respond, respond_to_all
from events.messages.answers import ask_again
from events.messages.calendar_removals import Withdrawn
from events.messages.reminders import Reminder
from events.messages.series_removals import SeriesWithdrawn
from events.models import ActionItem, AgendaItem, Meeting, Poll, Proposal
from events.models.polls import Said, Time
from events.polls import polling
from events.polls.messages import PollReminder, tell_closed
from events.record.actions.messages import ActionAssigned, ActionDue
from events.record.minutes.messages import MinutesDue, send_and_tell, tell_objection
from events.schedule import scheduling
from events.series import changing
from events.series import scheduling as series_scheduling
from events.series.rules import Rule
from members.accounts import messages
from members.applications import admission, asking
from members.applications.messages import ApplicationLapsed, send_application_code
from members.correspondence import waiting
from members.mail.emails import OutgoingEmail
from members.mail.incoming import inbox
from members.mail.rendering import write_mails
from members.models import Application, ContactRequest, Delivery, InboundMail, Jurisdiction, User
from members.privacy.messages import tell_answer, tell_asked, tell_privacy_news
from members.terms.messages import StillInOffice
from members.times import clock
from portal.messages import DailyDigest, WeeklyDigest

CODE = "48172046"
DAY = 24 * 60  # minutes


def one_of_each() -> dict[str, OutgoingEmail]:
    """By kind. Nothing of it stays in the database, and no worker is woken."""
    with transaction.atomic():
        told = Letters()
        _tell(told)
        transaction.set_rollback(True)
    return told.mails


@dataclass
class Letters:
    """The first mail of each kind, rendered while the facts are what it tells."""

    mails: dict[str, OutgoingEmail] = field(default_factory=dict)

    def after(self, act: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Run what tells somebody, render the mails of kinds that were not seen yet, return what it returned."""
        before = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        returned = act(*args, **options)
        rows = Delivery.objects.filter(pk__gt=before).exclude(kind__in=self.mails).select_related("recipient")
        for pk, mail in write_mails(rows.order_by("kind", "pk").distinct("kind")).items():
            if isinstance(mail, Exception):
                raise RuntimeError(f"Delivery {pk} cannot be rendered") from mail
            self.mails[mail.delivery.kind] = mail
        return returned


def _tell(told: Letters) -> None:
    teresa, denise, marcus, admin, jonah, priya = (
        User.objects.get(email=f"{name}@portal.example")
        for name in ("teresa", "denise", "marcus", "admin", "jonah", "priya")
    )
    committee = Committee.objects.get(slug="economic-justice")
    _tell_of_accounts(told, teresa, admin)
    _tell_of_applications(told, jonah)
    _tell_of_calls(told, committee, denise, teresa)
    _tell_of_series(told, committee, denise, teresa)
    _tell_of_polls(told, committee, denise, teresa, marcus)
    _tell_of_actions(told, committee, denise, teresa)
    _tell_of_minutes(told, committee, denise, teresa)
    _tell_of_committees(told, committee, denise, marcus, teresa, admin)
    _tell_what_was_written(told, committee, teresa, denise, priya)
    _tell_how_to_reach(told, teresa, marcus)
    _tell_of_lists_and_data(told, teresa, jonah)
    _sum_up(told, committee, denise, teresa)


def _tell_how_to_reach(told: Letters, teresa: User, marcus: User) -> None:
    words = "You passed a heat rule for warehouses last spring. May I call you before our hearing on the 9th?"
    asked, _is_new = ContactRequest.ask(marcus, teresa, words)
    told.after(tell_asked, asked)
    asked.answer(email=False, phone=True)
    told.after(tell_answer, asked)


def _tell_of_lists_and_data(told: Letters, teresa: User, jonah: User) -> None:
    words = "Dear {first name},\n\nthe heat rule is heard on **March 9**. Could {office|your city} send two sentences in support?"
    mailing = Mailing.begin(jonah, subject="The heat rule is heard on March 9", body=words)
    told.after(MailingTest.enqueue_to, jonah.email, mailing.about, jonah, facts={"as": teresa.pk})
    told.after(MailingMessage.enqueue_to, teresa.email, mailing.about, teresa)
    told.after(tell_privacy_news, teresa, "Your data is ready", "It is there for a week: sign in and download it.")


def _tell_of_accounts(told: Letters, teresa: User, admin: User) -> None:
    told.after(messages.send_sign_in_code, teresa.email, teresa, CODE)
    told.after(messages.send_sign_in_code, "t.villanueva@mailbox.example", None, CODE)
    told.after(messages.send_address_code, "t.villanueva@mailbox.example", teresa, CODE)
    told.after(messages.send_address_taken, "marcus@portal.example", teresa)
    told.after(messages.tell_security_news, teresa, "A passkey was added.", device="Firefox on Windows")
    told.after(messages.tell_of_enrollment, teresa, [admin])
    told.after(messages.tell_account_news, teresa, "Your email is teresa@portal.example now.")
    told.after(messages.tell_administrators, teresa, "%(by)s made %(name)s an administrator.", admin)
    told.after(messages.tell_of_wrong_steps, teresa, 10)


def _tell_of_applications(told: Letters, jonah: User) -> None:
    told.after(send_application_code, "applicant@mailbox.example", CODE, known=False)
    told.after(send_application_code, "teresa@portal.example", CODE, known=True)
    applicant = User.objects.create_user("applicant@mailbox.example", "Renata Okafor-Lindqvist")
    place = Jurisdiction.objects.order_by("pk")[0]
    answers = {"title": "City Council Member", "jurisdiction": place, "why": "To learn from those who did it."}
    application: Application = told.after(admission.submit, applicant, applicant.name, **answers)
    told.after(admission.decline, application, jonah, "Your term begins in January. Write to us then, and we go on.")
    application = told.after(admission.submit, applicant, applicant.name, **answers)
    told.after(asking.ask, application, jonah, "Which of the two districts is yours? The list of the clerk has both.")
    told.after(asking.ask_member, application, jonah, User.objects.get(email="teresa@portal.example"))
    told.after(ApplicationLapsed.enqueue, [applicant], f"application:{application.pk}")
    told.after(admission.approve, application, jonah, "Welcome! Yesenia in Yakima told us about your ordinance.")


def _tell_of_calls(told: Letters, committee: Committee, denise: User, teresa: User) -> None:
    call = told.after(_put_on, committee, denise, days=9, title="Wage theft: the first ninety days of enforcement")
    AgendaItem.add(call, denise, title="Welcome and who is here", minutes=5)
    AgendaItem.add(call, denise, title="Two years of enforcement: what Madison and Yakima learned", minutes=25)
    AgendaItem.add(call, denise, title="Recommend the model ordinance to all members", kind="decision", minutes=15)
    title, numbers = "What the port towns did about day labor", "I can bring our numbers."
    offered = Proposal.propose(call, teresa, title=title, minutes=10, words=numbers)
    told.after(proposing.decline, offered, denise, "Gladly in June: May is full.")
    told.after(publishing.publish_agenda, call, denise)
    told.after(respond, call, teresa, "going", seen=0)
    told.after(ask_again, call, teresa)
    told.after(
        Delivery.enqueue_to,
        Reminder.kind,
        teresa.email,
        call.about,
        teresa,
        dedupe_key=f"{Reminder.kind}:{call.edition}",
        scope=call.scope,
    )
    told.after(scheduling.edit, call, denise, dial_in="669-555-0199, code 418 220 76", duration=75)
    moved = {
        "local_date": call.local_date + timedelta(days=7),
        "local_time": call.local_time,
        "timezone": call.timezone,
    }
    told.after(scheduling.move, call, denise, reason="Three of us have budget hearings.", **moved)
    told.after(scheduling.cancel, call, denise, "The speakers can’t come before spring.")
    words = _words(committee, days=12, title="Paid sick time: what a county can do alone")
    other = Meeting.schedule(committee, denise, told_at=timezone.now() - timedelta(days=3), **words)
    told.after(nudging.nudge, other, denise)
    _fill(other, denise, teresa)
    told.after(waitlist.offer, other.pk)
    told.after(Withdrawn.enqueue, [teresa], other.about, dedupe_key=f"{Withdrawn.kind}:0", scope=other.scope)


def _tell_of_series(told: Letters, committee: Committee, denise: User, teresa: User) -> None:
    words = _words(committee, days=16, title="Wage theft working session")
    series = told.after(series_scheduling.schedule, committee, denise, rule="FREQ=MONTHLY;BYDAY=2TU;COUNT=12", **words)
    told.after(respond_to_all, series, teresa, "going")
    key = f"{SeriesWithdrawn.kind}:0"
    told.after(SeriesWithdrawn.enqueue, [teresa], series.about, dedupe_key=key, scope=series.scope)
    told.after(
        changing.retime,
        series,
        denise,
        rule=Rule.parse("FREQ=MONTHLY;BYDAY=2WE"),
        local_time=time(16),
        timezone=series.timezone,
        reason="Half of us have council on Tuesdays.",
    )


def _fill(call: Meeting, *people: User) -> None:
    """They say going where there is a seat for one less, and then there is one more."""
    Meeting.objects.filter(pk=call.pk).update(seats=len(people) - 1)
    for person in people:
        respond(call, person, "going", seen=0)
    Meeting.objects.filter(pk=call.pk).update(seats=len(people))


def _tell_of_polls(told: Letters, committee: Committee, denise: User, teresa: User, marcus: User) -> None:
    today = timezone.localdate(timezone=ZoneInfo(committee.timezone))
    times = [Time(today + timedelta(days=day), time(hour)) for day, hour in ((10, 13), (11, 16), (12, 11))]
    words = {"title": "Warehouse quotas: who has inspected one?", "duration": 60}
    closes_at = datetime.combine(today + timedelta(days=6), time(18), ZoneInfo(committee.timezone))
    poll: Poll = told.after(polling.make, committee, denise, times, closes_at=closes_at, **words)
    answers = ("yes", "if_needed", "no")
    poll.vote(teresa, {slot.pk: Said(answer) for slot, answer in zip(poll.slots.all(), answers, strict=True)})
    told.after(polling.change_times, poll, denise, add=[Time(today + timedelta(days=13), time(15))])
    told.after(PollReminder.enqueue, [marcus], poll.about, dedupe_key=f"{PollReminder.kind}:0", scope=poll.scope)
    for person in poll.invitees().exclude(pk=marcus.pk)[:12]:
        poll.vote(
            person,
            {slot.pk: Said(("yes", "yes", "if_needed", "no")[(person.pk + slot.pk) % 4]) for slot in poll.slots.all()},
        )
    poll.close(denise)
    told.after(tell_closed, poll)


def _tell_of_actions(told: Letters, committee: Committee, denise: User, teresa: User) -> None:
    due_on = timezone.localdate(timezone=teresa.zone) + timedelta(days=7)
    text = "Ask three shops how often shifts change"
    call = committee.meetings.filter(ends_at__lt=timezone.now(), cancelled_at=None).latest("starts_at")
    action = ActionItem.assign(committee, denise, key=uuid4(), text=text, meeting=call, owner=teresa, due_on=due_on)
    for kind, number in ((ActionAssigned, "0"), (ActionDue, f"{due_on:%Y%m%d}")):
        told.after(kind.enqueue, [teresa], action.about, dedupe_key=f"{kind.kind}:{number}", scope=committee.scope)


def _tell_of_minutes(told: Letters, committee: Committee, denise: User, teresa: User) -> None:
    words = _words(committee, days=-3, title="Wage theft: who inspects, and who answers the phone")
    call = Meeting.schedule(committee, denise, told_at=timezone.now() - timedelta(days=20), **words)
    due = f"{MinutesDue.kind}:3"
    told.after(MinutesDue.enqueue, [denise], call.about, dedupe_key=due, scope=call.scope)
    ActionItem.assign(
        committee, denise, key=uuid4(), text="Send Pueblo’s ordinance to the group", meeting=call, owner=teresa
    )
    until = clock.today() + timedelta(days=5)
    minutes = told.after(send_and_tell, call, denise, until=until, silently=True, audience="committee")
    objection, _new = minutes.object(teresa, "We didn’t agree that cities inspect alone. Please add the county.")
    told.after(tell_objection, objection)


def _put_on(committee: Committee, by: User, **options: Any) -> Meeting:
    return scheduling.schedule(committee, by, **_words(committee, **options))


def _words(committee: Committee, *, days: int, title: str) -> dict[str, Any]:
    """What a co-chair fills in for a call at 3 PM in so many days."""
    return {
        "title": title,
        "summary": "Bring the one fight you’d most like company on. We’ll pick two and divide the work.",
        "video_url": "https://zoom.us/j/98765432100",
        "dial_in": "669-555-0142, code 418 220 76",
        "local_date": timezone.localdate(timezone=ZoneInfo(committee.timezone)) + timedelta(days=days),
        "local_time": time(15),
        "timezone": committee.timezone,
    }


def _tell_of_committees(
    told: Letters, committee: Committee, denise: User, marcus: User, teresa: User, admin: User
) -> None:
    guest = User.objects.get(email="applicant@mailbox.example")
    Committee.objects.filter(pk=committee.pk).update(join_policy=Committee.JoinPolicy.ASK)
    committee.refresh_from_db()
    asked = told.after(joining.ask, committee, guest, "We are writing an ordinance this spring.")
    told.after(joining.accept, asked, denise, "Gladly. We meet on Thursdays.")
    Committee.objects.filter(pk=committee.pk).update(join_policy=Committee.JoinPolicy.OPEN)
    committee.refresh_from_db()
    newcomer = User.objects.create_user("newest@mailbox.example", "Noor Abdelrahman")
    newcomer.admit(admin)
    told.after(joining.join, committee, newcomer)
    seat = committee.memberships.get(user=teresa, ended_on=None)
    told.after(joining.give_role, seat, "secretary", by=admin)
    seat = committee.memberships.get(user=teresa, ended_on=None)
    seat.set_term(clock.today() + timedelta(days=20), by=admin)
    told.after(plan_terms_end)
    office = teresa.offices.current().earliest("pk")
    told.after(StillInOffice.enqueue, [teresa], f"office:{office.pk}", dedupe_key=f"{StillInOffice.kind}:gallery")
    told.after(Leaderless.enqueue, [admin], f"committee:{committee.pk}", scope=committee.scope)


def _tell_what_was_written(told: Letters, committee: Committee, teresa: User, denise: User, priya: User) -> None:
    body = (
        f"We have **two** openings. Know *somebody*?\n\n- [Read what they’ll do]({settings.SITE_URL}/library/)\n"
        f"- Tell them until Friday\n\nMore: {settings.SITE_URL}/documents/2027-model-ordinance-on-wage-theft-draft-3"
    )
    for by, place in ((denise, committee), (priya, None)):
        state = "" if place else "CO"
        words = {"headline": "We’re hiring: you can help", "body": body, "state": state}
        announcement = Announcement.begin(by, place, by_staff=place is None, **words)
        told.after(announcing.announce, announcement, by)
    told.after(_receive, teresa, "Re: We’re hiring", "May I bring somebody who is not on the committee yet?\n\nTeresa")
    told.after(waiting.answer, _waits(), priya, "Gladly.\n\nDo bring them.")
    _receive(teresa, "Re: Our next call", "Could we talk about the county’s contract too?\n\nTeresa")
    told.after(waiting.hand_on, _waits(), priya, [denise], scope=committee.scope)


def _receive(writer: User, subject: str, words: str) -> None:
    """A mail from this person arrives and is read."""
    mail = EmailMessage(subject, words, writer.email, [settings.MAIL_ADDRESS])
    inbox.store(mail.message().as_bytes(), InboundMail.Via.LOCAL)
    inbox.process()


def _waits() -> InboundMail:
    newest: InboundMail = InboundMail.objects.waiting().latest("pk")
    return newest


def _sum_up(told: Letters, committee: Committee, denise: User, teresa: User) -> None:
    _put_on(committee, denise, days=3, title="Responsible contracting: a drop-in hour")
    Delivery.objects.filter(recipient=teresa, kind="invitation").update(state=Delivery.State.DIGESTED)
    rows = Delivery.objects.filter(recipient=teresa, kind="invitation", state=Delivery.State.DIGESTED)
    facts = {"rows": list(rows.order_by("-pk").values_list("pk", flat=True)[:3])}
    today: date = timezone.localdate(timezone=teresa.zone)
    told.after(Delivery.enqueue, DailyDigest.kind, [teresa], f"day:{today}", facts=facts)
    told.after(Delivery.enqueue, WeeklyDigest.kind, [teresa], f"week:{today}", facts=facts)
