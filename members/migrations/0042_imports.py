import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import members.models.imports


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0041_contact_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uploaded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("touched_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("file", models.FileField(blank=True, max_length=120, upload_to=members.models.imports.private_path)),
                ("name", models.CharField(max_length=150, verbose_name="file name")),
                (
                    "layout",
                    models.CharField(blank=True, default="", help_text="names this order of headings", max_length=64),
                ),
                (
                    "sheet",
                    models.JSONField(
                        default=dict, help_text="what was found of the file: headings, first values, encoding"
                    ),
                ),
                (
                    "columns",
                    models.JSONField(default=dict, help_text="field by number of column, as guessed or corrected"),
                ),
                ("rows", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0, help_text="rows gone through in what it is doing now")),
                ("begun_at", models.DateTimeField(help_text="when what it is doing now began", null=True)),
                ("counts", models.JSONField(default=dict, help_text="rows by outcome")),
                (
                    "version",
                    models.PositiveIntegerField(default=0, help_text="of the plan and the choices: what a page showed"),
                ),
                ("planned_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "verified_at",
                    models.DateTimeField(
                        help_text="when all rows were found to be as the check showed them", null=True
                    ),
                ),
                ("outdated_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, default="", max_length=300)),
                ("undo_asked_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("lease", models.UUIDField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0, help_text="claims since it last got further")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undo_asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "members_import",
            },
        ),
        migrations.CreateModel(
            name="ImportLayout",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("columns", models.JSONField(default=dict)),
                ("corrected_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "corrected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "members_import_layout",
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(help_text="as a spreadsheet shows it")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("create", "New member"),
                            ("update", "Updated"),
                            ("unchanged", "Already the same"),
                            ("merge", "Merged into another row"),
                            ("suspect", "Needs a look"),
                            ("reject", "Rejected"),
                            ("ignore", "Ignored"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=60)),
                (
                    "value",
                    models.CharField(
                        blank=True, default="", help_text="what stood where the reason is", max_length=300
                    ),
                ),
                (
                    "into",
                    models.PositiveIntegerField(help_text="the row of the file that is the same person", null=True),
                ),
                (
                    "person",
                    models.JSONField(
                        default=dict,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        help_text="what the row says, cleaned",
                    ),
                ),
                ("cells", models.JSONField(default=list, help_text="as they stood in the file")),
                ("choices", models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "safe",
                    models.CharField(
                        blank=True, default="", help_text="what is done unless staff choose", max_length=30
                    ),
                ),
                ("choice", models.CharField(blank=True, default="", help_text="what staff chose", max_length=30)),
                (
                    "done",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("created", "Added"),
                            ("updated", "Updated"),
                            ("unchanged", "Already the same"),
                            ("skipped", "Skipped"),
                            ("failed", "Not imported"),
                        ],
                        default="",
                        max_length=9,
                    ),
                ),
                ("done_reason", models.CharField(blank=True, default="", max_length=60)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "wrote",
                    models.JSONField(
                        default=dict,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        help_text="what was there before and after",
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "undo_reason",
                    models.CharField(blank=True, default="", help_text="why it was not taken back", max_length=60),
                ),
                (
                    "imported",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows_of", to="members.import"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "members_import_row",
            },
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["-uploaded_at", "-id"], name="import_newest"),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(fields=["imported", "outcome", "reason", "number"], name="import_row_outcome"),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("done_at", None)), fields=["imported", "number"], name="import_row_to_do"
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("imported", "number"), name="import_row_once"),
        ),
    ]
