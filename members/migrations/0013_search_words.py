"""What search compares, made by PostgreSQL itself: one folding for what is stored and for what is typed.

`unaccent` is not immutable by itself, because somebody could change its dictionary; we do not, so functions that name
the dictionary are declared so, and columns and indexes may hold what they return. The names are written with their
schema, so that a dump is restored whatever the search path is.
"""

from django.db import migrations

FUNCTIONS = r"""
-- Small letters without accents; apostrophes and hyphens of every shape as ' and -; nothing that is not seen.
CREATE FUNCTION members_folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, regexp_replace(normalize(
    translate($1,
      U&'`\00B4\02B9\02BA\02BB\02BC\02BD\02BE\02BF\02C8\02CA\02CB\05F3\2018\2019\201B\2032\2035\A78B\A78C\FF07\FF40'
      || U&'\2010\2011\2012\2013\2014\2015\2212\FE58\FE63\FF0D',
      repeat('''', 22) || repeat('-', 10)), NFKD),
    U&'[\0300-\036F\00AD\061C\180E\200B-\200F\202A-\202E\2060-\206F\FEFF]', '', 'g')) COLLATE pg_c_utf8);

-- Müller as Mueller, Ångström as Aangstroem.
CREATE FUNCTION members_spelled_out(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN replace(replace(replace(replace(replace(lower(normalize($1, NFC) COLLATE pg_c_utf8),
    U&'\00E4', 'ae'), U&'\00F6', 'oe'), U&'\00FC', 'ue'), U&'\00F8', 'oe'), U&'\00E5', 'aa');

-- One typed word: O’Brien as obrien. NULL where no letter is left, so that it finds nobody instead of everybody.
CREATE FUNCTION members_word(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN nullif(regexp_replace(members_folded($1), '[[:space:][:punct:][:cntrl:]]+' COLLATE pg_c_utf8, '', 'g'), '');

-- A name's words, each after a space: with apostrophes and hyphens left out, and taken apart there. Then neighbors
-- written as one, between "=": those are found when typed in full, so that "Anne" does not find Ann Evans.
CREATE FUNCTION members_listed(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
  WITH plain AS MATERIALIZED (
    SELECT btrim(regexp_replace(translate(members_folded($1), '''-', U&'\E000\E001'),
                                '[[:space:][:punct:][:cntrl:]]+' COLLATE pg_c_utf8, ' ', 'g')) AS words
  ), parts AS MATERIALIZED (
    SELECT words,
           array_remove(string_to_array(translate(words, U&'\E001\E000', ' '), ' '), '') AS apart,
           words ~ U&'[\E000\E001]' AS is_joined
    FROM plain
  )
  SELECT ' ' || array_to_string(apart, ' ')
    || CASE WHEN is_joined
         THEN ' ' || translate(words, U&'\E000\E001', '') || ' ' || translate(words, U&'\E000\E001', '  ')
         ELSE '' END
    || ' ' || coalesce((
      SELECT string_agg('=' || array_to_string(apart[first:first + more], '') || '=', '')
      FROM generate_series(1, least(cardinality(apart), 8)) first, generate_series(1, 3) more
      WHERE first + more <= cardinality(apart)), '')
  FROM parts;
END;

-- What is searched of a name or a title.
CREATE FUNCTION members_words(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN members_listed($1) || CASE WHEN members_spelled_out($1) = lower(normalize($1, NFC) COLLATE pg_c_utf8) THEN ''
    ELSE members_listed(members_spelled_out($1)) END;

-- Patterns for LIKE: a word begins so; a word, or neighbors written as one, is so.
CREATE FUNCTION members_beginning(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '% ' || members_word($1) || '%';
CREATE FUNCTION members_whole(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '%=' || members_word($1) || '=%';
"""

DROPPED = "; ".join(
    f"DROP FUNCTION members_{name}(text)"
    for name in ("whole", "beginning", "words", "listed", "word", "spelled_out", "folded")
)


class Migration(migrations.Migration):
    dependencies = [("members", "0012_stumbles")]
    operations = [migrations.RunSQL(FUNCTIONS, DROPPED)]
