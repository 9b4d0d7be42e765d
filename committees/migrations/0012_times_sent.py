from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("committees", "0011_pictures_and_pdfs")]

    operations = [migrations.RenameField("announcement", "edition", "times_sent")]
