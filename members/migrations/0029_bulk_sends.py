from django.db import migrations


class Migration(migrations.Migration):
    """New names of models; the tables keep theirs."""

    dependencies = [("members", "0028_wanted_committee")]

    operations = [
        migrations.AlterModelTable("sending", "members_sending"),
        migrations.RenameModel("Sending", "BulkSend"),
        migrations.AlterModelTable("refusal", "members_refusal"),
        migrations.RenameModel("Refusal", "PermanentFailure"),
    ]
