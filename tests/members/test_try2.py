from datetime import time, timedelta
import pytest
from tests.smtp_sink import smtp
from events import scheduling, answering
from events.models import *
from members.models import *
from members.notifications.notice import write_mails
from members import notices
from django.utils import timezone as tz
def test_lines(committee, carla, mo):
    local = tz.now()+timedelta(days=3)
    m = scheduling.schedule(committee, carla, title="Fair workweek: from ordinance to enforcement", local_date=local.date(), local_time=time(15), timezone="America/New_York", video_url="https://us02web.zoom.us/j/1", dial_in="669-555-0142, code 418", summary="Bring the one fight.")
    answering.respond(m, mo, "going", seen=0)
    scheduling.move(m, carla, reason="x", local_date=local.date(), local_time=time(16), timezone="America/New_York")
    notices.send_sign_in_code("mo@portal.example", mo, "481720")
    for mail in write_mails(Delivery.objects.all()).values():
        print(mail.delivery.kind, len(mail.letter.shared), max(map(len, mail.letter.html.encode().split(b"\n"))), mail.content() [:300])
        for l in mail.letter.html.split("\n"):
            if len(l)>700: print("   ", len(l), l)
    assert 0
