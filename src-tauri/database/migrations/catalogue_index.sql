-- Made after the rows are in: building an index at once costs a fraction of keeping it row by row.
CREATE UNIQUE INDEX item_by_code ON item (code) WHERE code IS NOT NULL;
CREATE INDEX item_by_price ON item (price_minor);
CREATE INDEX item_by_quick_key ON item (quick_key) WHERE quick_key IS NOT NULL;
-- A beginning with an index of its own is read as it stands; a longer one has to be gathered from all words that begin so.
CREATE VIRTUAL TABLE item_search USING fts5 (
  folded, content = 'item', content_rowid = 'id', columnsize = 0, detail = none, prefix = '1 2 3 4 5 6', tokenize = 'ascii'
);
INSERT INTO item_search (item_search) VALUES ('rebuild');
