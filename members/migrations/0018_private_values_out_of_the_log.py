import re

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

PRIVATE = ("bio", "email", "phone", "pronouns")
ADDRESS = re.compile(r"([^\s@<>()\[\]:;,\"“”])[^\s@<>()\[\]:;,\"“”]*@([^\s@<>()\[\]:;,\"“”]+\.\w+)")


def take_out(apps, schema_editor):
    """That it changed stays. Earlier addresses are kept apart: mail servers still answer about them.

    The history that triggers write (pghistory) holds seats and calls, and none of these.
    """
    entries = apps.get_model("members", "AuditEntry")._base_manager
    with_values = entries.filter(Q(before__has_any_keys=PRIVATE) | Q(after__has_any_keys=PRIVATE))
    for entry in with_values.order_by("pk").iterator():
        _keep_address(apps, entry)
        private = sorted({*PRIVATE} & {*entry.before, *entry.after})
        entry.before, entry.after = (
            {name: values[name] for name in values if name not in PRIVATE} for values in (entry.before, entry.after)
        )
        entry.after |= {"changed": private}
        entry.save(update_fields=["before", "after"])
    for entry in entries.filter(target_name__contains="@").iterator():
        entry.target_name = ADDRESS.sub(r"\1...@\2", entry.target_name)
        entry.save(update_fields=["target_name"])


def _keep_address(apps, entry):
    people = apps.get_model("members", "User")._base_manager
    if entry.verb == "changed email" and entry.before.get("email") and people.filter(pk=entry.object_id).exists():
        apps.get_model("members", "FormerAddress")._base_manager.create(
            user_id=entry.object_id, email=entry.before["email"], until=entry.at
        )


class Migration(migrations.Migration):
    dependencies = [("members", "0017_standing_ends")]
    operations = [
        migrations.CreateModel(
            name="FormerAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254)),
                ("until", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["user", "until"], name="former_address_of")]},
        ),
        migrations.RunPython(take_out, migrations.RunPython.noop, elidable=True),
    ]
