"""Who and what the storm blows over: one large committee, and calls it is invited to whose reminders are due soon.

python -m bench.storm.fixtures PEOPLE CALLS
"""

from datetime import timedelta

from django.utils import timezone

from bench.storm import OFFSET
from committees.models import Committee, Membership
from events.schedule import scheduling
from members.models import Profile, User

ZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "Pacific/Honolulu"]
APART = 12  # seconds between the reminders of two calls: some are due before everybody is invited
GONE = 100  # one in so many has an address that does not exist


def build(people: int, calls: int) -> None:
    now = timezone.now()
    persons = User.objects.bulk_create(
        [
            User(
                email=f"{'gone' if number % GONE == GONE - 1 else 'person'}{number}@portal.example",
                name=f"Person {number}",
                given_name="Person",
                timezone=ZONES[number % len(ZONES)],
                admitted_at=now,
                password="!",
            )
            for number in range(people)
        ],
        batch_size=2000,
    )
    Profile.objects.bulk_create([Profile(user=person) for person in persons], batch_size=2000)
    committee = Committee.objects.create(
        slug="storm",
        name="Economic Justice",
        purpose="To stand it.",
        timezone="America/New_York",
        reminder_offsets=[OFFSET],
    )
    Membership.objects.bulk_create(
        [
            Membership(
                committee=committee, user=person, started_on="2020-01-01", role="chair" if number < 2 else "member"
            )
            for number, person in enumerate(persons)
        ],
        batch_size=2000,
    )
    for number in range(calls):
        ahead = timedelta(minutes=OFFSET, seconds=APART * (number + 1))
        start = timezone.localtime(timezone.now() + ahead, timezone.get_default_timezone()).replace(microsecond=0)
        scheduling.schedule(
            committee,
            persons[0],
            title=f"Call {number}",
            local_date=start.date(),
            local_time=start.time(),
            fold=start.fold,
            timezone="America/New_York",
            video_url="https://zoom.us/j/1",
        )
