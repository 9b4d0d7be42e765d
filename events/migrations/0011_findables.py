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
                    func="IF TG_OP = 'DELETE' THEN DELETE FROM members_findable f WHERE f.kind = 'agenda_item' AND f.key = OLD.id AND NOT EXISTS (SELECT FROM events_agendaitem t WHERE t.id = f.key AND t.removed_at IS NULL); ELSE PERFORM FROM members_findable f WHERE f.kind = 'agenda_item' AND f.key = NEW.id ORDER BY f.key FOR UPDATE; DELETE FROM members_findable f WHERE f.kind = 'agenda_item' AND f.key = NEW.id AND NOT EXISTS (SELECT FROM events_agendaitem t WHERE t.id = f.key AND t.removed_at IS NULL); INSERT INTO members_findable (kind, key, title, body, at) SELECT 'agenda_item', t.id, t.title, t.description, (SELECT m.starts_at FROM events_meeting m WHERE m.id = t.meeting_id) FROM events_agendaitem t WHERE t.id = NEW.id AND t.removed_at IS NULL ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at); END IF; RETURN NULL;",
                    hash="a599f56b86c8222338724b0ed3db41e62b5ffb8b",
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
                    func="IF TG_OP = 'DELETE' THEN DELETE FROM members_findable f WHERE f.kind = 'call' AND f.key = OLD.id AND NOT EXISTS (SELECT FROM events_meeting t WHERE t.id = f.key AND true); ELSE PERFORM FROM members_findable f WHERE f.kind = 'call' AND f.key = NEW.id ORDER BY f.key FOR UPDATE; DELETE FROM members_findable f WHERE f.kind = 'call' AND f.key = NEW.id AND NOT EXISTS (SELECT FROM events_meeting t WHERE t.id = f.key AND true); INSERT INTO members_findable (kind, key, title, body, at) SELECT 'call', t.id, t.title, t.summary, t.starts_at FROM events_meeting t WHERE t.id = NEW.id AND true ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at); END IF; RETURN NULL;",
                    hash="27941ace432bd5320f4449fdb8f9baa06747be75",
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
                    func="PERFORM FROM members_findable f WHERE f.kind = 'agenda_item' AND f.key IN (SELECT t.id FROM events_agendaitem t WHERE t.meeting_id = NEW.id) ORDER BY f.key FOR UPDATE; INSERT INTO members_findable (kind, key, title, body, at) SELECT 'agenda_item', t.id, t.title, t.description, (SELECT m.starts_at FROM events_meeting m WHERE m.id = t.meeting_id) FROM events_agendaitem t WHERE t.meeting_id = NEW.id AND t.removed_at IS NULL ON CONFLICT (kind, key) DO UPDATE SET title = EXCLUDED.title, body = EXCLUDED.body, at = EXCLUDED.at WHERE (members_findable.title, members_findable.body, members_findable.at) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.body, EXCLUDED.at); RETURN NULL;",
                    hash="b82c8d45535493d3d9f9b2839cb2bc2e9fbbad57",
                    operation='INSERT OR UPDATE OF "starts_at"',
                    pgid="pgtrigger_find_agenda_item_327f8",
                    table="events_meeting",
                    when="AFTER",
                ),
            ),
        ),
    ]
