from django.db import migrations

from members.migrations._cleaning import cleaner
from members.text.cleaning import line, words

OURS = {
    "Committee": {"name": line, "purpose": words, "rhythm": line},
    "IssueArea": {"name": line, "tagline": words, "vision": words},
    "Publication": {"title": line, "kicker": line, "summary": words, "body": words},
    "JoinRequest": {"message": words, "note": words},
    "Announcement": {"headline": line, "body": words},
    "Document": {"title": line},
    "DocumentVersion": {"name": line},
}


class Migration(migrations.Migration):
    dependencies = [("committees", "0006_words_to_find_by")]
    operations = [migrations.RunPython(cleaner("committees", OURS), migrations.RunPython.noop, elidable=True)]
