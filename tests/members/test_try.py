from datetime import time, timedelta
import pytest
from django.utils import timezone
from tests.smtp_sink import smtp
from tests.factories import *
from events import scheduling, answering
from events.models import *
from members.models import *
from members.notifications.deliver import deliver
from members.notifications.plan import plan
from members import notices

def test_all(smtp, committee, carla, mo, olga, django_assert_num_queries):
    from django.utils import timezone as tz
    start = tz.now() + timedelta(hours=24, minutes=-3)
    local = start.astimezone(tz.get_default_timezone())
    m = scheduling.schedule(committee, carla, title="Fair workweek: from ordinance to enforcement", local_date=local.date(), local_time=local.time().replace(second=0,microsecond=0), timezone="America/New_York", video_url="https://us02web.zoom.us/j/1", dial_in="669-555-0142, code 418", summary="Bring the one fight.")
    AgendaItem.add(m, carla, title="Welcome <b>", kind="opening", minutes=5)
    AgendaItem.add(m, carla, title="Decide it", kind="decision", minutes=25, presenter=mo)
    answering.respond(m, mo, "going", seen=0)
    print(plan())
    for d in Delivery.objects.all(): print(d, d.state, d.due_at, d.useless_after, d.subject_id, d.facts)
    notices.send_sign_in_code("mo@portal.example", mo, "481720")
    print(deliver())
    for d in Delivery.objects.all(): print(d, d.state, d.reason, d.last_reply, d.message_subject, d.facts)
    for r in smtp.received:
        print("=====", r.recipient, r.message["Subject"]); 
        print(r.raw.decode()[:200000] if "reminder" in r.message["Subject"] or "Fair" in r.message["Subject"] else r.raw.decode()[:1200])
    mv = scheduling.move(m, carla, reason="Three of us have hearings", local_date=local.date()+timedelta(days=7), local_time=time(13), timezone="America/New_York")
    print(deliver())
    scheduling.cancel(m, carla, "No time")
    print(deliver())
    for r in smtp.received[-4:]:
        print("=====", r.recipient, r.message["Subject"]); 
        print(r.raw.decode())
    assert 0
