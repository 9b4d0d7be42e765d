from datetime import timedelta

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

import committees.models.publications

A_WHILE = timedelta(days=60)


def keep_what_is_there(apps, schema_editor):
    """A featured story stays first for sixty days from its own date; a featured report for a year, as no newer text was
    ever shown in its place. The author's name is what was shown."""
    publications = apps.get_model("committees", "Publication").objects
    featured = publications.filter(featured=True)
    featured.exclude(type="report").update(pinned_until=F("dated_on") + A_WHILE)
    featured.filter(type="report").update(pinned_until=timezone.localdate() + timedelta(days=365))
    for publication in publications.exclude(author=None).select_related("author").iterator():
        publications.filter(pk=publication.pk).update(author_name=publication.author.name[:120])


def give_back(apps, schema_editor):
    apps.get_model("committees", "Publication").objects.exclude(pinned_until=None).update(featured=True)


class Migration(migrations.Migration):
    dependencies = [("committees", "0009_reminders_set_at")]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="also_about",
            field=models.ManyToManyField(blank=True, related_name="touched_by", to="committees.issuearea"),
        ),
        migrations.AddField(
            model_name="publication",
            name="author_name",
            field=models.CharField(blank=True, default="", max_length=120),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="publication",
            name="pinned_until",
            field=models.DateField(blank=True, help_text="stands first until the end of this day", null=True),
        ),
        migrations.AddField(
            model_name="publication",
            name="states",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2, validators=[committees.models.publications.check_state]),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="publication",
            name="type",
            field=models.CharField(
                choices=[
                    ("report", "Report"),
                    ("brief", "Policy brief"),
                    ("toolkit", "Toolkit"),
                    ("model_law", "Model law"),
                    ("case_study", "Case study"),
                    ("post", "Blog"),
                    ("news", "News"),
                    ("video", "Video"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="EarlierAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=100)),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="committees.issuearea"
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="earlier_addresses",
                        to="committees.publication",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("issue", "slug"), name="earlier_address_unique")],
            },
        ),
        migrations.RunPython(keep_what_is_there, give_back, elidable=True),
        # A row written twice leaves its foreign keys to be looked at, and no column goes before that is done.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop, elidable=True),
        migrations.RemoveField(model_name="publication", name="featured"),
    ]
