"""The index of search: one row for each thing that can be found."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import members.models.findables
import members.queries.finding

FUNCTIONS = r"""
-- English words without their accents, by the dictionary that folds names, too.
CREATE TEXT SEARCH CONFIGURATION public.members_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION public.members_english
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.english_stem;

-- What a thing says, its title before its text. Of a text with more different words than a tsvector holds, the beginning.
-- Names are no English words: Anne is not Ann.
CREATE FUNCTION members_said(kind text, title text, body text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE called tsvector := setweight(to_tsvector('public.members_english',
    CASE kind WHEN 'person' THEN '' ELSE title END), 'A');
BEGIN
  RETURN called || setweight(to_tsvector('public.members_english', body), 'D');
EXCEPTION WHEN program_limit_exceeded THEN
  RETURN called || setweight(to_tsvector('public.members_english', left(body, 100000)), 'D');
END $$;
"""
DROPPED = """
DROP FUNCTION members_said(text, text, text);
DROP TEXT SEARCH CONFIGURATION public.members_english;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0030_counting_indexes"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROPPED),
        migrations.CreateModel(
            name="Findable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("key", models.BigIntegerField()),
                ("title", models.TextField()),
                ("body", models.TextField(blank=True)),
                ("at", models.DateTimeField(null=True)),
                (
                    "words",
                    models.GeneratedField(
                        db_persist=True,
                        expression=members.queries.finding.Words("title"),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "said",
                    models.GeneratedField(
                        db_persist=True,
                        expression=members.models.findables.Said("kind", "title", "body"),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="profile",
            trigger=pgtrigger.compiler.Trigger(
                name="find_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'person' AND f.key IN (SELECT t.id FROM members_user t WHERE t.id = $1) ORDER BY f.key FOR UPDATE$run$ USING NEW.user_id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'person', t.id, t.name, coalesce((SELECT p.bio FROM members_profile p WHERE p.user_id = t.id), ''), NULL FROM members_user t WHERE t.id = $1 AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.user_id; RETURN NULL;",
                    hash="03fa3cd8d14547d516085eae28fe6e052f653eef",
                    operation='INSERT OR UPDATE OF "bio"',
                    pgid="pgtrigger_find_person_90a60",
                    table="members_profile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="find_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'DELETE' THEN EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'person' AND f.key = $1 AND NOT EXISTS (SELECT FROM members_user t WHERE t.id = f.key AND true)$run$ USING OLD.id; ELSE EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'person' AND f.key = $1 ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'person' AND f.key = $1 AND NOT EXISTS (SELECT FROM members_user t WHERE t.id = f.key AND true)$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'person', t.id, t.name, coalesce((SELECT p.bio FROM members_profile p WHERE p.user_id = t.id), ''), NULL FROM members_user t WHERE t.id = $1 AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; END IF; RETURN NULL;",
                    hash="35dae281b1f188df5d7dbfdf75df434dcd56a4f6",
                    operation='INSERT OR UPDATE OF "name" OR DELETE',
                    pgid="pgtrigger_find_person_51a57",
                    table="members_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="findable",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("words", name="gin_trgm_ops"),
                fastupdate=False,
                name="findable_words",
            ),
        ),
        migrations.AddIndex(
            model_name="findable",
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["said"], name="findable_said"),
        ),
        migrations.AddConstraint(
            model_name="findable",
            constraint=models.UniqueConstraint(fields=("kind", "key"), name="findable_once"),
        ),
    ]
