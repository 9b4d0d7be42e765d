from django.db import migrations

from members.migrations._cleaning import cleaner
from members.text.cleaning import line, words

OURS = {
    "Meeting": {"title": line, "summary": words, "dial_in": line, "cancel_reason": words},
    "MeetingMove": {"reason": words},
    "AgendaItem": {"title": line, "description": words},
    "Rsvp": {"note": words},
    "ReplyNote": {"words": words},
    "CalendarReply": {"note": words},
}


class Migration(migrations.Migration):
    dependencies = [("events", "0008_calls_are_told")]
    operations = [migrations.RunPython(cleaner("events", OURS), migrations.RunPython.noop, elidable=True)]
