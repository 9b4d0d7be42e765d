-- Refuses an answer that takes a seat where none is free. One that is offered was counted already.
IF TG_OP = 'UPDATE' THEN
    IF NEW.edition = OLD.edition AND (
        OLD.response = $accepted OR (OLD.response = $waiting AND OLD.offered_until > transaction_timestamp())
    ) THEN
        RETURN NULL;
    END IF;
END IF;
SELECT seats INTO there_are FROM events_meeting
WHERE id = NEW.meeting_id AND edition = NEW.edition AND seats IS NOT NULL FOR NO KEY UPDATE;
IF there_are < (
    SELECT count(*) FROM events_rsvp
    WHERE meeting_id = NEW.meeting_id AND edition = NEW.edition AND response = $accepted
) THEN
    RAISE EXCEPTION 'No seat is free.' USING ERRCODE = 'check_violation', CONSTRAINT = 'seats_none_too_many';
END IF;
RETURN NULL;
