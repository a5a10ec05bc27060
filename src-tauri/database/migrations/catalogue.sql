-- One generation of the goods. Built whole beside the one in use, then never written again.
CREATE TABLE item (
  id          INTEGER PRIMARY KEY,
  code        TEXT,
  -- As the goods file gives them, parted by |.
  barcodes    TEXT NOT NULL,
  name        TEXT NOT NULL,
  name_kk     TEXT,
  name_ru     TEXT,
  short_name  TEXT,
  unit        TEXT NOT NULL,
  price_minor INTEGER NOT NULL,
  vat_bp      INTEGER,
  grp         TEXT,
  stock_milli INTEGER,
  marked      INTEGER NOT NULL,
  quick_key   INTEGER,
  -- The names folded for search: lower case, without the letters that keyboards confuse, a number and its unit one word.
  folded      TEXT NOT NULL
) STRICT;
CREATE TABLE item_barcode (barcode TEXT PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES item (id)) STRICT, WITHOUT ROWID;
