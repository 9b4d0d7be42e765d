import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0002_search'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='jurisdiction', name='jurisdiction_label_trgm'),
        migrations.AlterField(
            model_name='jurisdiction',
            name='label',
            field=models.CharField(help_text='name, designation, county and state: what people see', max_length=400),
        ),
        migrations.AddField(
            model_name='jurisdiction',
            name='words',
            field=models.TextField(default='', editable=False, help_text="the label's words as people type them: what is searched"),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='jurisdiction',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('words', name='gin_trgm_ops'), name='jurisdiction_words_trgm'),
        ),
    ]
