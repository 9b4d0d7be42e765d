"""Names from before they were cleaned and looked at: cleaned where that is possible, else shown to staff on Today."""

from django.core.exceptions import ValidationError
from django.db import DatabaseError, migrations, transaction

from members.text.addresses import masked
from members.text.cleaning import line
from members.text.names import refuse_imitations

AT_ONCE = 500


def look_at_names(apps, schema_editor):
    people, ends = apps.get_model("members", "User")._base_manager, {"cleaned": 0, "left": 0}
    for person in people.order_by("pk").only("pk", "name", "given_name").iterator(AT_ONCE):
        if end := _end_of(apps, person):
            ends[end] += 1
    if any(ends.values()):
        print(f"\n    Names: {ends['cleaned']} cleaned, {ends['left']} left as they are for staff to look at", end="")


def _end_of(apps, person):
    """ "cleaned", "left", or "" for a name that is as it should be."""
    name, given_name = line(person.name)[:120], line(person.given_name)[:60]
    changed = (name, given_name) != (person.name, person.given_name)
    if (changed and not (name and _write(person, name, given_name))) or _is_refused(name):
        _tell_staff(apps, person)
        return "left"
    return "cleaned" if changed else ""


def _write(person, name, given_name):
    try:
        with transaction.atomic():
            type(person)._base_manager.filter(pk=person.pk).update(name=name, given_name=given_name)
    except DatabaseError:
        return False
    person.name = name
    return True


def _is_refused(name):
    try:
        refuse_imitations(name)
    except ValidationError:
        return True
    return False


def _tell_staff(apps, person):
    types = apps.get_model("contenttypes", "ContentType")._base_manager
    about = types.get_or_create(app_label="members", model="user")[0]
    name = masked(person.name)
    apps.get_model("members", "AuditEntry")._base_manager.get_or_create(
        verb="found a name",
        content_type_id=about.pk,
        object_id=person.pk,
        defaults={"target_name": name, "before": {"name": name}, "after": {"name": name}},
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0020_second_step"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [migrations.RunPython(look_at_names, migrations.RunPython.noop, elidable=True)]
