"""Triggers that keep the index of search."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("committees", "0014_findables"),
        ("events", "0010_reminders_set_at"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="agendaitem",
            trigger=pgtrigger.compiler.Trigger(
                name="find_agenda_item",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'DELETE' THEN EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'agenda_item' AND f.key = $1 AND NOT EXISTS (SELECT FROM events_agendaitem t WHERE t.id = f.key AND t.removed_at IS NULL)$run$ USING OLD.id; ELSE EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'agenda_item' AND f.key = $1 ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'agenda_item' AND f.key = $1 AND NOT EXISTS (SELECT FROM events_agendaitem t WHERE t.id = f.key AND t.removed_at IS NULL)$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'agenda_item', t.id, t.title, t.description, (SELECT m.starts_at FROM events_meeting m WHERE m.id = t.meeting_id) FROM events_agendaitem t WHERE t.id = $1 AND t.removed_at IS NULL ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; END IF; RETURN NULL;",
                    hash="9acbad55e3c6f5bf1e96d391c9e3b9f8a9b2ee6e",
                    operation='INSERT OR UPDATE OF "title", "description", "removed_at" OR DELETE',
                    pgid="pgtrigger_find_agenda_item_6a067",
                    table="events_agendaitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="meeting",
            trigger=pgtrigger.compiler.Trigger(
                name="find_call",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'DELETE' THEN EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'call' AND f.key = $1 AND NOT EXISTS (SELECT FROM events_meeting t WHERE t.id = f.key AND true)$run$ USING OLD.id; ELSE EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'call' AND f.key = $1 ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$DELETE FROM members_findable f WHERE f.kind = 'call' AND f.key = $1 AND NOT EXISTS (SELECT FROM events_meeting t WHERE t.id = f.key AND true)$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'call', t.id, t.title, t.summary, t.starts_at FROM events_meeting t WHERE t.id = $1 AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; END IF; RETURN NULL;",
                    hash="3802a2ab096780d7abad7b05366068efa26654de",
                    operation='INSERT OR UPDATE OF "title", "summary", "starts_at" OR DELETE',
                    pgid="pgtrigger_find_call_81f6e",
                    table="events_meeting",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="meeting",
            trigger=pgtrigger.compiler.Trigger(
                name="find_agenda_item",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="EXECUTE $run$SELECT FROM members_findable f WHERE f.kind = 'agenda_item' AND f.key IN (SELECT t.id FROM events_agendaitem t WHERE t.meeting_id = $1) ORDER BY f.key FOR UPDATE$run$ USING NEW.id; EXECUTE $run$INSERT INTO members_findable (kind, key, title, body, at) SELECT 'agenda_item', t.id, t.title, t.description, (SELECT m.starts_at FROM events_meeting m WHERE m.id = t.meeting_id) FROM events_agendaitem t WHERE t.meeting_id = $1 AND t.removed_at IS NULL ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at)$run$ USING NEW.id; RETURN NULL;",
                    hash="5410956a7dd406e9f33009e4e97f969eb2bf2542",
                    operation='INSERT OR UPDATE OF "starts_at"',
                    pgid="pgtrigger_find_agenda_item_327f8",
                    table="events_meeting",
                    when="AFTER",
                ),
            ),
        ),
    ]
