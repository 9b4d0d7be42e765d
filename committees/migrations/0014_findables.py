"""Triggers that keep the index of search, which takes the place of indexes of its own for papers."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0031_findables"),
        ("committees", "0013_officers"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="document",
            name="document_title_words",
        ),
        migrations.RemoveIndex(
            model_name="documentversion",
            name="version_words",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="announcement",
            trigger=pgtrigger.compiler.Trigger(
                name="find_announcement",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'DELETE' THEN DELETE FROM members_findable f WHERE f.kind = 'announcement' AND f.key = OLD.id AND NOT EXISTS (SELECT FROM committees_announcement t WHERE t.id = f.key AND true); ELSE PERFORM FROM members_findable f WHERE f.kind = 'announcement' AND f.key = NEW.id ORDER BY f.key FOR UPDATE; DELETE FROM members_findable f WHERE f.kind = 'announcement' AND f.key = NEW.id AND NOT EXISTS (SELECT FROM committees_announcement t WHERE t.id = f.key AND true); INSERT INTO members_findable (kind, key, title, body, at) SELECT 'announcement', t.id, t.headline, t.body, coalesce(t.sent_at, t.created_at) FROM committees_announcement t WHERE t.id = NEW.id AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at); END IF; RETURN NULL;",
                    hash="35c4153e7d1ed30718c2f243ce977e5e16ce922f",
                    operation='INSERT OR UPDATE OF "headline", "body", "sent_at" OR DELETE',
                    pgid="pgtrigger_find_announcement_2b24f",
                    table="committees_announcement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="committee",
            trigger=pgtrigger.compiler.Trigger(
                name="find_committee",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'DELETE' THEN DELETE FROM members_findable f WHERE f.kind = 'committee' AND f.key = OLD.id AND NOT EXISTS (SELECT FROM committees_committee t WHERE t.id = f.key AND true); ELSE PERFORM FROM members_findable f WHERE f.kind = 'committee' AND f.key = NEW.id ORDER BY f.key FOR UPDATE; DELETE FROM members_findable f WHERE f.kind = 'committee' AND f.key = NEW.id AND NOT EXISTS (SELECT FROM committees_committee t WHERE t.id = f.key AND true); INSERT INTO members_findable (kind, key, title, body, at) SELECT 'committee', t.id, t.name, t.purpose, NULL FROM committees_committee t WHERE t.id = NEW.id AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at); END IF; RETURN NULL;",
                    hash="d5e58d28fe30817170bf5924d4e8f775a2302c88",
                    operation='INSERT OR UPDATE OF "name", "purpose" OR DELETE',
                    pgid="pgtrigger_find_committee_22dbf",
                    table="committees_committee",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="find_document",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'DELETE' THEN DELETE FROM members_findable f WHERE f.kind = 'document' AND f.key = OLD.id AND NOT EXISTS (SELECT FROM committees_document t WHERE t.id = f.key AND t.latest_id IS NOT NULL); ELSE PERFORM FROM members_findable f WHERE f.kind = 'document' AND f.key = NEW.id ORDER BY f.key FOR UPDATE; DELETE FROM members_findable f WHERE f.kind = 'document' AND f.key = NEW.id AND NOT EXISTS (SELECT FROM committees_document t WHERE t.id = f.key AND t.latest_id IS NOT NULL); INSERT INTO members_findable (kind, key, title, body, at) SELECT 'document', t.id, t.title, coalesce((SELECT v.text FROM committees_documentversion v WHERE v.id = t.latest_id), ''), (SELECT v.uploaded_at FROM committees_documentversion v WHERE v.id = t.latest_id) FROM committees_document t WHERE t.id = NEW.id AND t.latest_id IS NOT NULL ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at); END IF; RETURN NULL;",
                    hash="3009f4f3d0b17ac9d96e35e70d54600246ae8eb5",
                    operation='INSERT OR UPDATE OF "title", "latest_id" OR DELETE',
                    pgid="pgtrigger_find_document_86826",
                    table="committees_document",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="documentversion",
            trigger=pgtrigger.compiler.Trigger(
                name="find_document",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM FROM members_findable f WHERE f.kind = 'document' AND f.key IN (SELECT t.id FROM committees_document t WHERE t.latest_id = NEW.id) ORDER BY f.key FOR UPDATE; INSERT INTO members_findable (kind, key, title, body, at) SELECT 'document', t.id, t.title, coalesce((SELECT v.text FROM committees_documentversion v WHERE v.id = t.latest_id), ''), (SELECT v.uploaded_at FROM committees_documentversion v WHERE v.id = t.latest_id) FROM committees_document t WHERE t.latest_id = NEW.id AND t.latest_id IS NOT NULL ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at); RETURN NULL;",
                    hash="4909a80fbde4e1cbd84165e0c77f6794d5cb18eb",
                    operation='INSERT OR UPDATE OF "text"',
                    pgid="pgtrigger_find_document_88465",
                    table="committees_documentversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="find_publication",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'DELETE' THEN DELETE FROM members_findable f WHERE f.kind = 'publication' AND f.key = OLD.id AND NOT EXISTS (SELECT FROM committees_publication t WHERE t.id = f.key AND true); ELSE PERFORM FROM members_findable f WHERE f.kind = 'publication' AND f.key = NEW.id ORDER BY f.key FOR UPDATE; DELETE FROM members_findable f WHERE f.kind = 'publication' AND f.key = NEW.id AND NOT EXISTS (SELECT FROM committees_publication t WHERE t.id = f.key AND true); INSERT INTO members_findable (kind, key, title, body, at) SELECT 'publication', t.id, t.title, concat_ws(chr(10), nullif(t.kicker, ''), t.summary, t.body), t.dated_on FROM committees_publication t WHERE t.id = NEW.id AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at); END IF; RETURN NULL;",
                    hash="74272a84c13da3ff4579981796cf67c47716b244",
                    operation='INSERT OR UPDATE OF "title", "kicker", "summary", "body", "dated_on" OR DELETE',
                    pgid="pgtrigger_find_publication_bc836",
                    table="committees_publication",
                    when="AFTER",
                ),
            ),
        ),
    ]
