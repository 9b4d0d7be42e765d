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
                    func="IF TG_OP = 'DELETE' THEN EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'announcement' AND f.key = $1 AND NOT EXISTS (SELECT FROM committees_announcement t WHERE t.id = f.key AND true)$run$ USING OLD.id; ELSE EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'announcement' AND f.key = $1 ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'announcement' AND f.key = $1 AND NOT EXISTS (SELECT FROM committees_announcement t WHERE t.id = f.key AND true)$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'announcement', t.id, t.headline, t.body, coalesce(t.sent_at, t.created_at) FROM committees_announcement t WHERE t.id = $1 AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; END IF; RETURN NULL;",
                    hash="791af86fb4916e6db073d6bd6f2b77f5817f5bd1",
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
                    func="IF TG_OP = 'DELETE' THEN EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'committee' AND f.key = $1 AND NOT EXISTS (SELECT FROM committees_committee t WHERE t.id = f.key AND true)$run$ USING OLD.id; ELSE EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'committee' AND f.key = $1 ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'committee' AND f.key = $1 AND NOT EXISTS (SELECT FROM committees_committee t WHERE t.id = f.key AND true)$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'committee', t.id, t.name, t.purpose, NULL FROM committees_committee t WHERE t.id = $1 AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; END IF; RETURN NULL;",
                    hash="e64240d19523ab384ba87d8ded81ae29f57ecbb3",
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
                    func="IF TG_OP = 'DELETE' THEN EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'document' AND f.key = $1 AND NOT EXISTS (SELECT FROM committees_document t WHERE t.id = f.key AND t.latest_id IS NOT NULL)$run$ USING OLD.id; ELSE EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'document' AND f.key = $1 ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'document' AND f.key = $1 AND NOT EXISTS (SELECT FROM committees_document t WHERE t.id = f.key AND t.latest_id IS NOT NULL)$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'document', t.id, t.title, coalesce((SELECT v.text FROM committees_documentversion v WHERE v.id = t.latest_id), ''), (SELECT v.uploaded_at FROM committees_documentversion v WHERE v.id = t.latest_id) FROM committees_document t WHERE t.id = $1 AND t.latest_id IS NOT NULL ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; END IF; RETURN NULL;",
                    hash="af2d966165337dd4afcbdf58522a9e2beb83cfbf",
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
                    func="EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'document' AND f.key IN (SELECT t.id FROM committees_document t WHERE t.latest_id = $1) ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'document', t.id, t.title, coalesce((SELECT v.text FROM committees_documentversion v WHERE v.id = t.latest_id), ''), (SELECT v.uploaded_at FROM committees_documentversion v WHERE v.id = t.latest_id) FROM committees_document t WHERE t.latest_id = $1 AND t.latest_id IS NOT NULL ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; RETURN NULL;",
                    hash="698a2e7d1f49fba0416ff037e8d67329eb5f12e8",
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
                    func="IF TG_OP = 'DELETE' THEN EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'publication' AND f.key = $1 AND NOT EXISTS (SELECT FROM committees_publication t WHERE t.id = f.key AND true)$run$ USING OLD.id; ELSE EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'publication' AND f.key = $1 ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'publication' AND f.key = $1 AND NOT EXISTS (SELECT FROM committees_publication t WHERE t.id = f.key AND true)$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'publication', t.id, t.title, concat_ws(chr(10), nullif(t.kicker, ''), t.summary, t.body), t.dated_on FROM committees_publication t WHERE t.id = $1 AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; END IF; RETURN NULL;",
                    hash="f2ac14178eb444cec26f5277981f0787023128b2",
                    operation='INSERT OR UPDATE OF "title", "kicker", "summary", "body", "dated_on" OR DELETE',
                    pgid="pgtrigger_find_publication_bc836",
                    table="committees_publication",
                    when="AFTER",
                ),
            ),
        ),
    ]
