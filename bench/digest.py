"""What summaries cost: “Your week” for every member on a Monday, in all US zones, mails that differ from person to person.

usage: .venv/bin/python -m bench.digest [--members 20000] [--mails 1000]

Starts its own PostgreSQL (real fsync) and Valkey, stopped at the end. A fifth of the members wants invitations once a day
or once a week.

    plan      one sweep on Monday at 2:30 PM Eastern, when it is past 8:00 AM everywhere from Guam to American Samoa
    again     the same sweep with nothing to do
    mails     asked for in batches of 50, written and brought into the form in which they travel, by one process
"""

import argparse
import os
import secrets
import shutil

from bench.mail import manage
from portal.embedded import directories
from portal.embedded.servers import services

MAKE = """
import os, random
from datetime import time, timedelta
from django.utils import timezone
from committees.models import Committee, Document, DocumentVersion, Membership
from events.models import AgendaItem, AgendaPublication, Meeting, Rsvp
from members.models import Delivery, NotificationPreference, Profile, User
from members.times.zones import US_ZONES
random.seed(1)
many, long_ago = int(os.environ["MEMBERS"]), timezone.now() - timedelta(days=400)
User.objects.bulk_create([User(email=f"person{n}@portal.example", name=f"Person {n}", given_name="Person", timezone=random.choice(US_ZONES)[0], admitted_at=long_ago, password="!") for n in range(many)], batch_size=2000)
people = list(User.objects.order_by("pk"))
Profile.objects.bulk_create([Profile(user=person, confirmed_at=timezone.now() if random.random() < 0.7 else None) for person in people], batch_size=2000, ignore_conflicts=True)
committees = [Committee.objects.create(slug=f"c{n}", name=f"Committee {n}", purpose="To measure.", timezone="America/New_York") for n in range(30)]
seats = [Membership(committee=committee, user=person, started_on="2020-01-01") for person in people for committee in random.sample(committees, random.choice([1, 1, 2, 3]))]
Membership.objects.bulk_create(seats, batch_size=2000)
near = {}
for committee in committees:
    for week in range(10):
        day = timezone.localdate() + timedelta(days=2 + 7 * week + random.randint(0, 4))
        call = Meeting.schedule(committee, people[0], title=f"Call {week} of {committee.name}", local_date=day, local_time=time(15), timezone="America/New_York", told_at=timezone.now() - timedelta(days=30), video_url="https://zoom.us/j/1")
        for n in range(5):
            item = AgendaItem.add(call, people[0], title=f"Item {n}", minutes=10)
        AgendaPublication.objects.create(meeting=call, number=1)
        if week < 2:
            near.setdefault(committee.pk, []).append(call)
            paper = Document.objects.create(committee=committee, title=f"Paper {week} of {committee.name}")
            paper.latest = DocumentVersion.objects.create(document=paper, name="a.txt", content_type="text/plain", size=1, sha256="x", file="x", uploaded_by=people[0])
            paper.save()
            item.papers.add(paper)
        Delivery.enqueue("invitation", User.objects.filter(memberships__committee=committee, pk__lte=people[many // 5].pk), call.about, scope=call.scope)
Rsvp.objects.bulk_create([Rsvp(meeting=call, user_id=seat.user_id, response="accepted", version=1) for seat in seats for call in near[seat.committee_id] if random.random() < 0.6], batch_size=5000)
NotificationPreference.objects.bulk_create([NotificationPreference(user=person, kind="invitation", cadence=random.choice(["daily", "weekly"])) for person in people[: many // 5 + 1]])
Delivery.objects.update(state="digested")
"""
MEASURE = """
import os, time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from django.db import connection
from django.utils import timezone
from members.models import Delivery
from members.mail.emails import RenderCache
from members.mail.rendering import prepare_mails, write_mails
from members.mail.outgoing.digests import plan_summaries
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
today = timezone.localdate()
monday = datetime.combine(today + timedelta(days=(-today.weekday() - 1) % 7 + 1), datetime.min.time(), ZoneInfo("America/New_York")) + timedelta(hours=14, minutes=30)
print(f"{Delivery.objects.count()} digested rows")
for name in ("plan", "again"):
    began = time.perf_counter()
    print(f"{name}: {plan_summaries(monday)} rows in {time.perf_counter() - began:.2f} s", flush=True)
rows = list(Delivery.objects.filter(kind="weekly_digest").select_related("recipient").order_by("due_at", "pk")[: int(os.environ["MAILS"])])
began, cpu, written = time.perf_counter(), time.process_time(), 0
for start in range(0, len(rows), 50):
    prepare_mails(rows[start : start + 50])
    for mail in write_mails(rows[start : start + 50], RenderCache()).values():
        written += bool(not isinstance(mail, Exception) and mail.content())
seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
print(f"mails: {written} of {len(rows)} in {seconds:.2f} s, {written / seconds:.0f} a second, {1000 * cpu / written:.2f} ms of CPU a mail")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="What summaries cost.")
    parser.add_argument("--members", type=int, default=20000)
    parser.add_argument("--mails", type=int, default=1000)
    asked = parser.parse_args()
    room = directories.passing()
    try:
        with services(lambda: room) as servers:
            os.environ.update({server.variable: server.url for server in servers})
            os.environ.update(
                {
                    "DJANGO_SETTINGS_MODULE": "portal.settings",
                    "SECRET_KEY": secrets.token_hex(32),
                    "ALLOW_HTTP": "1",
                    "ALLOWED_HOSTS": "portal.example",
                    "SITE_URL": "https://portal.example",
                    "EMAIL_URL": "memorymail://",
                    "CALENDAR_EMAIL_URL": "memorymail://",
                    "LOG_LEVEL": "WARNING",
                    "MEMBERS": str(asked.members),
                    "MAILS": str(asked.mails),
                }
            )
            manage("migrate", "--verbosity", "0")
            manage("shell", "-v", "0", "-c", MAKE)
            print(manage("shell", "-v", "0", "-c", MEASURE), end="")
    finally:
        shutil.rmtree(room, ignore_errors=True)


if __name__ == "__main__":
    main()
