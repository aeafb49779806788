-- What texts are found by, made in time that grows with their length alone. Postgres' parser begins anew at each place
-- of a run without blanks, and looks for the end of a comment at each of its beginnings: 20,000 characters took 13
-- seconds. So runs are broken where hardly any word is as long or has as many @, and a comment is a text like any other.
--
-- Both columns were generated, and another expression would write every row anew. What was found so far still is: the
-- rows stay as they are, however many there are, and triggers write the columns from now on.

CREATE FUNCTION plain_text(text text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN regexp_replace(regexp_replace(replace(text, '<!--', ' '),
    '(\S{200})', '\1 ', 'g'), '(@[^\s@]*@[^\s@]*)@', '\1 @', 'g');

-- A dotted or camel-cased name is found whole and by its parts.
CREATE FUNCTION node_words(name text, description text) RETURNS tsvector
LANGUAGE sql IMMUTABLE
RETURN setweight(to_tsvector('simple', plain_text(name) || ' ' || regexp_replace(
           regexp_replace(name, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '[[:punct:]]+', ' ', 'g')), 'A')
       || setweight(to_tsvector('english', plain_text(name)), 'A')
       || setweight(to_tsvector('simple', plain_text(description)), 'B')
       || setweight(to_tsvector('english', plain_text(description)), 'B');

CREATE FUNCTION chunk_words(text text) RETURNS tsvector
LANGUAGE sql IMMUTABLE
RETURN to_tsvector('simple', plain_text(text)) || to_tsvector('english', plain_text(text));

CREATE FUNCTION write_node_words() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.words := quantumsketch.node_words(NEW.name, NEW.description);
    RETURN NEW;
END $$;
CREATE FUNCTION write_chunk_words() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.words := quantumsketch.chunk_words(NEW.text);
    RETURN NEW;
END $$;

ALTER TABLE nodes ALTER COLUMN words DROP EXPRESSION;
ALTER TABLE chunks ALTER COLUMN words DROP EXPRESSION;
-- Of whatever is said of `words` by itself nothing is kept, as before.
CREATE TRIGGER write_words BEFORE INSERT OR UPDATE OF name, description, words ON nodes
    FOR EACH ROW EXECUTE FUNCTION write_node_words();
CREATE TRIGGER write_words BEFORE INSERT OR UPDATE OF text, words ON chunks
    FOR EACH ROW EXECUTE FUNCTION write_chunk_words();
