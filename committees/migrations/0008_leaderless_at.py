from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("committees", "0007_stored_texts_cleaned"),
    ]

    operations = [
        migrations.AddField(
            model_name="committee",
            name="leaderless_at",
            field=models.DateTimeField(
                editable=False,
                help_text="since when it is seen without a co-chair (committees.leaderless)",
                null=True,
            ),
        ),
    ]
