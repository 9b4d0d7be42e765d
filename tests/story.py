"""A story in which every kind of message is sent; nothing is sent that is not registered."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from committees.announcements import announcing
from committees.joining import requests as joining
from committees.mailings import sending as mailings
from committees.mailings.messages import MailingTest
from committees.models import Announcement, Committee, Mailing
from events.agenda import proposing, publishing
from events.answers import nudging, waitlist
from events.answers.answering import respond, respond_to_all
from events.messages.answers import ask_again
from events.messages.invitations import Invitation
from events.messages.series_removals import SeriesWithdrawn
from events.models import ActionItem, AgendaItem, Meeting, Poll, Proposal
from events.models.polls import Said, Time
from events.polls import polling
from events.record.minutes.messages import send_and_tell, tell_objection
from events.schedule import scheduling
from events.series import changing
from events.series import scheduling as series_scheduling
from events.series.rules import Rule
from members.accounts import messages
from members.applications import admission, asking
from members.applications.messages import lapse_unanswered, send_application_code
from members.correspondence import waiting
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import ContactRequest, Delivery, InboundMail, Office, User
from members.privacy import messages as contact_messages
from members.terms.messages import StillInOffice
from members.times import clock
from tests.factories import (
    CommitteeFactory,
    JurisdictionFactory,
    MeetingFactory,
    MembershipFactory,
    SeriesFactory,
    UserFactory,
)
from tests.pipeline import DAY, MONDAY, TUESDAY, call_in, forward, summarize
from tests.polls import PollFactory
from tests.replies import receive
from tests.smtp_sink import mailer, running


@pytest.fixture
def everything(smtp, committee, elsewhere, carla, mo, olga, chet, ana, stu):
    tell(committee, elsewhere, carla, mo, olga, chet, ana, stu)
    return smtp.received


@pytest.fixture(scope="module")
def story(once_a_file):
    """Told once a file. Its people are others than those of the cast, whom a test of that file may want besides."""
    with running() as (sink, port):
        mailers = {"default": mailer(port), "calendar": mailer(port)}
        with override_settings(MAILERS=mailers, MAIL_CONVERSATIONS=1):
            tell(*the_cast())
        yield sink.received


@pytest.fixture
def everything_once(story, db):
    return story


def the_cast() -> tuple[Committee | User, ...]:
    committee = CommitteeFactory(slug="story", name="Economic Justice")
    elsewhere = CommitteeFactory(slug="story-elsewhere", name="Housing Justice")
    carla, chet = (
        UserFactory(name="Carla Núñez-O'Hara", email="carla.of.story@portal.example"),
        UserFactory(name="Chet Baker"),
    )
    mo, olga = UserFactory(name="Mo Haddad", email="mo.of.story@portal.example"), UserFactory(name="Olga Petrova")
    ana, stu = UserFactory(name="Ana Applicant", admitted_at=None), UserFactory(name="Stu Staff")
    stu.appoint("membership")
    for place, chair, member in ((committee, carla, mo), (elsewhere, chet, olga)):
        MembershipFactory(committee=place, user=chair, role="chair")
        MembershipFactory(committee=place, user=member)
    return committee, elsewhere, carla, mo, olga, chet, ana, stu


def tell(committee, elsewhere, carla, mo, olga, chet, ana, stu) -> None:
    messages.send_sign_in_code(mo.email, mo, "48172046")
    messages.send_sign_in_code("stranger@portal.example", None, "48172046")
    messages.send_address_code("new@portal.example", mo, "48172046")
    send_application_code("applicant@portal.example", "48172046", known=False)
    send_application_code(mo.email, "48172046", known=True)
    messages.send_address_taken("taken@portal.example", mo)
    messages.tell_security_news(mo, "A passkey was added.")
    messages.tell_of_enrollment(stu, [stu])
    UserFactory(name="Ada Admin").appoint("admin")
    messages.tell_account_news(mo, "Your <membership> was ended.")
    messages.tell_administrators(stu, "%(by)s made %(name)s an <administrator>.", mo)
    messages.tell_of_wrong_steps(mo, 10)
    answers = {"title": "Council member", "jurisdiction": JurisdictionFactory(), "why": "To learn."}
    application = admission.submit(ana, "Ana Applicant", **answers)
    deliver()
    admission.decline(application, stu, "Not this time.\nBe well.")
    deliver()
    application = admission.submit(ana, "Ana Applicant", **answers)
    asking.ask(application, stu, "Since <when>?")
    deliver()
    _application_lapses(application)
    application = admission.submit(ana, "Ana Applicant", **answers)
    asking.ask_member(application, stu, mo)
    deliver()
    admission.approve(application, stu, "Welcome aboard.")
    Committee.objects.filter(pk=elsewhere.pk).update(join_policy="ask")
    elsewhere.refresh_from_db()
    joining.ask(elsewhere, mo, "Let me <in>")
    joining.join(committee, olga)
    deliver()
    joining.accept(mo.join_requests.get(), chet, "Gladly.")
    asked, _is_new = ContactRequest.ask(olga, mo, "About the <hearing>.")
    contact_messages.tell_asked(asked)
    deliver()
    asked.answer(email=True, phone=False)
    contact_messages.tell_answer(asked)
    contact_messages.tell_privacy_news(mo, "Your <data> is ready", "Sign in to download it.")
    start = timezone.localtime(timezone.now() + timedelta(days=2), timezone.get_default_timezone())
    when = {
        "local_date": start.date(),
        "local_time": start.time().replace(second=0, microsecond=0),
        "timezone": "America/New_York",
    }
    call = scheduling.schedule(committee, carla, title="Fair workweek", video_url="https://zoom.us/j/9", **when)
    deliver()
    respond(call, mo, "going", seen=0)
    ask_again(call, carla)
    deliver()
    scheduling.edit(call, carla, dial_in="669-555-0199")
    deliver()
    scheduling.move(call, carla, reason="Hearings", **when | {"local_date": when["local_date"] + timedelta(days=1)})
    deliver()
    scheduling.cancel(call, carla, "No room")
    respond_to_all(SeriesFactory(committee=committee, by=carla, title="Monthly call"), mo, "going")
    deliver()
    near = call_in(DAY - 1, committee, carla)
    plan()
    deliver()
    AgendaItem.add(near, carla, title="Wage theft: what's next", minutes=15)
    publishing.publish_agenda(near, carla)
    nudging.nudge(call_in(4 * DAY, committee, carla, title="A call nobody heard of"), carla)
    for place in (committee, None):
        words = {
            "headline": "We're hiring: you can help",
            "body": "Know *somebody*?\n\n- [Apply](https://portal.example/a)",
        }
        announcing.announce(Announcement.begin(carla, place, by_staff=False, **words), carla)
    deliver()
    mailing = Mailing.begin(
        stu, subject="A <question>, {first name}", body="Dear **{first name}**,\n\nwhat of {office|buses}?"
    )
    MailingTest.enqueue_to(stu.email, mailing.about, stu, facts={"as": mo.pk})
    mailings.send_out(mailing, stu)
    deliver()
    mo.notification_preferences.create(kind="invitation", cadence="daily")
    later = when | {"local_date": when["local_date"] + timedelta(days=30)}
    scheduling.schedule(committee, carla, title="What <rent> means", **later)
    deliver()
    for day in (TUESDAY, MONDAY):
        summarize(day)
        deliver()
    summed_up = Delivery.objects.filter(reason__startswith="It came in the summary")
    assert summed_up.delete()[0] == 1  # the rest has a mail of its own
    for text, due_on in (("Call the <clerk>", timezone.localdate() + timedelta(days=30)), ("Bring maps", None)):
        ActionItem.assign(committee, carla, key=uuid4(), text=text, owner=mo, due_on=due_on)
    promised = ActionItem.objects.get(text="Bring maps")
    long_ago = Now() - timedelta(days=30)
    ActionItem.objects.filter(pk=promised.pk).update(
        due_on=timezone.localdate(timezone=mo.zone), handed_by=mo, updated_at=long_ago
    )
    plan()
    forward(10, kind="action_assigned")
    deliver()
    over = MeetingFactory(
        committee=committee, by=carla, title="How <buses> run", starts_in=timedelta(days=-3, hours=-2)
    )
    plan()
    deliver()
    minutes = send_and_tell(over, carla, until=clock.today() + timedelta(days=7), silently=True, audience="committee")
    forward(2, kind="minutes")
    deliver()
    tell_objection(minutes.object(mo, "It was <four> of us, not five.")[0])
    deliver()
    lee = UserFactory(name="Lee Leaver")
    Committee.objects.filter(pk=elsewhere.pk).update(join_policy="open")
    joining.join(elsewhere, lee)
    deliver()
    Invitation.enqueue([lee], call_in(5 * DAY, elsewhere, chet).about, dedupe_key="invitation:0")
    deliver()
    joining.leave(elsewhere, lee)
    plan()
    MembershipFactory(role="chair").end(stu)
    joining.give_role(committee.memberships.get(user=mo), "secretary", by=stu)
    plan()
    for words in ("May I bring <somebody>?", "May I come later?"):
        mail = EmailMessage("Re: We're hiring", words, mo.email, ["calls@portal.example"])
        receive(mail.message().as_bytes())
    asks, comes_later = InboundMail.objects.waiting().order_by("pk")
    waiting.answer(asks, stu, "Gladly.\n\nDo bring them.")
    waiting.hand_on(comes_later, stu, [carla], scope=committee.scope)
    series = series_scheduling.schedule(
        committee,
        carla,
        title="Rents, <monthly>",
        rule="FREQ=MONTHLY;BYDAY=2TU;COUNT=12",
        video_url="https://zoom.us/j/9",
        **later,
    )
    deliver()
    changing.retime(
        series,
        carla,
        rule=Rule.parse("FREQ=MONTHLY;BYDAY=2WE"),
        reason="Room's taken",
        local_time=time(18),
        timezone="America/Denver",
    )
    SeriesWithdrawn.enqueue([lee], series.about, dedupe_key="series_withdrawn:0", scope=series.scope)
    _ask_which_times(committee, carla, mo)
    office = Office.objects.create(
        user=mo, title="Council <member>", level="city", jurisdiction=answers["jurisdiction"]
    )
    StillInOffice.enqueue([mo], f"office:{office.pk}", dedupe_key="still_in_office:1")
    deliver()
    committee.memberships.get(user=carla).set_term(clock.today() + timedelta(days=20), by=stu)
    plan()
    for kind in ("withdrawn", "series_withdrawn", "leaderless", "committee_role"):
        forward(5, kind=kind)
    deliver()
    offer_seat(committee, carla, mo)
    answer_proposal(committee, carla, mo)


def answer_proposal(committee, carla, mo) -> None:
    """Mo proposes an item for an agenda, which waits for another call."""
    call = call_in(5 * DAY, committee, carla, title="A call <with> room")
    proposal = Proposal.propose(call, mo, title="Night <buses>", minutes=None, words="")
    proposing.decline(proposal, carla, "Next month, with the <director>.")
    deliver()


def _application_lapses(application) -> None:
    """Nobody answers the question in a month; that it is asked again in a week is left out."""
    Delivery.objects.filter(kind="application_asked", due_at__gt=timezone.now()).delete()
    application.questions.update(asked_at=timezone.now() - timedelta(days=31))
    lapse_unanswered()
    deliver()


def offer_seat(committee, carla, mo) -> None:
    """Mo waits for the one seat, and takes another."""
    call = call_in(5 * DAY, committee, carla, title="A <small> room", seats=1)
    for person in (carla, mo):
        respond(call, person, "going", seen=0)
    deliver()
    Meeting.objects.filter(pk=call.pk).update(seats=2)
    waitlist.offer(call.pk)
    deliver()
    respond(call, mo, "going", seen=1)
    deliver()


def _ask_which_times(committee, carla, mo) -> None:
    """A poll, a further time for who voted, the reminder of who did not, and its end."""
    poll = PollFactory(committee=committee, by=carla, title="What <time>?", told=False)
    polling.ask(poll, carla)
    deliver()
    poll.vote(mo, {slot.pk: Said("yes") for slot in poll.slots.all()})
    first = poll.slots.first()
    polling.change_times(poll, carla, add=[Time(first.local_date, time(10))])
    deliver()
    day = timedelta(days=1)
    Poll.objects.update(closes_at=timezone.now() + day / 2, told_at=timezone.now() - day)
    plan()
    deliver()
    Poll.objects.update(closes_at=timezone.now())
    plan()
    deliver()
