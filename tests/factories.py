"""Rows for tests, each valid by itself."""

from datetime import time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import factory
from django.utils.timezone import localdate, now
from factory.django import DjangoModelFactory

from committees.models import Committee, IssueArea, Membership
from events.models import ActionItem, AgendaPublication, Attendance, CallRun, Decision, LogEntry, Meeting, MeetingSeries
from events.models.publishing import NOTHING
from events.series import scheduling as series_scheduling
from members.models import CallHours, CouncilNight, Jurisdiction, User


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@portal.example")
    timezone = "America/Denver"
    admitted_at = factory.LazyFunction(now)
    password = "!"


class CallHoursFactory(DjangoModelFactory):
    """9 to 5 on weekdays, as the person said."""

    class Meta:
        model = CallHours

    user = factory.SubFactory(UserFactory)
    opens = [9 * 60] * 5 + [None] * 2
    closes = [17 * 60] * 5 + [None] * 2


class CouncilNightFactory(DjangoModelFactory):
    """Second and fourth Tuesdays at 7:00 PM for three hours."""

    class Meta:
        model = CouncilNight

    user = factory.SubFactory(UserFactory)
    weekday = 1
    weeks = [2, 4]
    begins = time(19)


class JurisdictionFactory(DjangoModelFactory):
    class Meta:
        model = Jurisdiction

    ocd_id = factory.Sequence(lambda n: f"ocd-division/country:us/state:co/place:town_{n}")
    name = "Pueblo"
    kind = Jurisdiction.Kind.PLACE
    designation = "city"
    state = "CO"
    county = "Pueblo County"
    population = 111000
    time_zone = "America/Denver"
    label = "Pueblo, city, Pueblo County, Colorado (CO)"


class IssueAreaFactory(DjangoModelFactory):
    class Meta:
        model = IssueArea

    slug = factory.Sequence(lambda n: f"issue-{n}")
    name = factory.Sequence(lambda n: f"Issue {n}")
    tagline = "Everybody thrives."
    vision = "We can do this **together**."
    published_at = factory.LazyFunction(now)


class CommitteeFactory(DjangoModelFactory):
    class Meta:
        model = Committee

    slug = factory.Sequence(lambda n: f"committee-{n}")
    name = factory.Sequence(lambda n: f"Committee {n}")
    issue = factory.SubFactory(IssueAreaFactory)
    purpose = "To learn from each other."
    timezone = "America/New_York"


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    committee = factory.SubFactory(CommitteeFactory)
    user = factory.SubFactory(UserFactory)
    started_on = factory.LazyFunction(lambda: localdate() - timedelta(days=30))


class MeetingFactory(DjangoModelFactory):
    """A call made by the public verb, two days ahead at 3:00 PM Eastern, or `starts_in` a timedelta from now."""

    class Meta:
        model = Meeting

    committee = factory.SubFactory(CommitteeFactory)
    by = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda n: f"Call {n}")
    local_date = factory.LazyFunction(lambda: localdate() + timedelta(days=2))
    local_time = time(15)
    timezone = "America/New_York"
    video_url = "https://video.example/j/123"
    told_at = factory.LazyFunction(now)  # None for a draft

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        starts_in = kwargs.pop("starts_in", None)
        if starts_in is not None:
            local = (now() + starts_in).astimezone(ZoneInfo(kwargs["timezone"])).replace(microsecond=0)
            kwargs |= {"local_date": local.date(), "local_time": local.time(), "fold": local.fold}
        return model_class.schedule(kwargs.pop("committee"), kwargs.pop("by"), **kwargs)


def publish_quietly(meeting, by=None):
    """Its committee reads the agenda from now on, and nobody is told of an item yet."""
    number = meeting.agenda_publications.count() + 1
    return AgendaPublication.objects.create(meeting=meeting, number=number, published_by=by, snapshot=NOTHING)


class AttendanceFactory(DjangoModelFactory):
    """Somebody of the committee who is here, marked by the verb as whoever put the call on."""

    class Meta:
        model = Attendance

    meeting = factory.SubFactory(MeetingFactory)
    user = factory.LazyAttribute(
        lambda made: MembershipFactory(committee=made.meeting.committee).user  # on the committee since a month ago
    )

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        meeting, person = kwargs.pop("meeting"), kwargs.pop("user")
        return model_class.mark(meeting, person, by=kwargs.pop("by", meeting.organizer), **kwargs)


class CallRunFactory(DjangoModelFactory):
    """A call that somebody began to run, at its planned start unless told otherwise."""

    class Meta:
        model = CallRun

    meeting = factory.SubFactory(MeetingFactory)
    started_by = factory.SelfAttribute("meeting.organizer")
    started_at = factory.SelfAttribute("meeting.starts_at")


class LogEntryFactory(DjangoModelFactory):
    """A note; `kind=LogEntry.Kind.DECISION` with `data` for others (events.run.entries says which)."""

    class Meta:
        model = LogEntry

    run = factory.SubFactory(CallRunFactory)
    key = factory.LazyFunction(uuid4)
    kind = LogEntry.Kind.NOTE
    text = factory.Sequence(lambda n: f"Note {n}")
    made_at = factory.SelfAttribute("run.started_at")
    arrived_at = factory.SelfAttribute("made_at")
    by = factory.SelfAttribute("run.started_by")


class DecisionFactory(DjangoModelFactory):
    """A decision recorded by the public verb: adopted by consent now, unless told otherwise."""

    class Meta:
        model = Decision

    committee = factory.SubFactory(CommitteeFactory)
    by = factory.SubFactory(UserFactory)
    key = factory.LazyFunction(uuid4)
    motion = factory.Sequence(lambda n: f"Motion {n}")
    method = Decision.Method.CONSENT

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.record(kwargs.pop("committee"), kwargs.pop("by"), **kwargs)


class ActionItemFactory(DjangoModelFactory):
    """An action assigned by the public verb, without owner and day unless told otherwise."""

    class Meta:
        model = ActionItem

    committee = factory.SubFactory(CommitteeFactory)
    by = factory.SubFactory(UserFactory)
    key = factory.LazyFunction(uuid4)
    text = factory.Sequence(lambda n: f"Action {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.assign(kwargs.pop("committee"), kwargs.pop("by"), **kwargs)


class SeriesFactory(DjangoModelFactory):
    """A series made by the public verb: every second Tuesday of a month at 7:00 PM Eastern, twelve calls; `told_at` None for a draft."""

    class Meta:
        model = MeetingSeries

    committee = factory.SubFactory(CommitteeFactory)
    by = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda n: f"Series {n}")
    rule = "FREQ=MONTHLY;BYDAY=2TU;COUNT=12"
    local_date = factory.LazyFunction(lambda: localdate() + timedelta(days=2))
    local_time = time(19)
    timezone = "America/New_York"
    video_url = "https://video.example/j/123"
    told_at = factory.LazyFunction(now)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        told_at = kwargs.pop("told_at")
        series = series_scheduling.schedule(kwargs.pop("committee"), kwargs.pop("by"), tell=False, **kwargs)
        series.told_at = told_at
        series.save(update_fields=["told_at"])
        series.meetings.update(told_at=told_at)
        return series
