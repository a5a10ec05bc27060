-- The journal: every fact that concerns money, in order, chained by hashes. The tables below it are what the
-- facts add up to; they are written in the same transaction.
CREATE TABLE journal (
  seq     INTEGER PRIMARY KEY,
  at      TEXT NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL,
  body    TEXT NOT NULL,
  -- Who did it and what they were called then; neither where a device or the till itself did.
  who      TEXT,
  who_name TEXT,
  hash    BLOB NOT NULL,
  -- By what people look for facts.
  day     TEXT NOT NULL GENERATED ALWAYS AS (substr(at, 1, 10)) VIRTUAL,
  topic   TEXT NOT NULL GENERATED ALWAYS AS (CASE
    WHEN kind IN ('sale_closed', 'cash_taken') THEN 'sales'
    WHEN kind = 'attempt' AND instr(body, '"event":"resolved"') = 0 THEN 'payments'
    WHEN kind IN ('attempt', 'sale_voided', 'cash_returned', 'lifted', 'lift_given', 'wrong_amount', 'return_one_of_them',
                  'decision_contradicted', 'line_removed', 'line_restored', 'refund_opened', 'refund_in_cash', 'refund_closed', 'refund_voided')
      THEN 'corrections'
    WHEN kind IN ('signed_in', 'signed_out', 'wrong_tries', 'pin_key_replaced', 'pin_changed', 'badge_changed')
      OR kind GLOB 'person_*' THEN 'people'
    ELSE 'shop' END) VIRTUAL,
  -- Who allowed it to another.
  allowed_by TEXT GENERATED ALWAYS AS (CASE WHEN kind IN ('lifted', 'lift_given') THEN json_extract(body, '$.by.id') END) VIRTUAL,
  CHECK ((who IS NULL) = (who_name IS NULL))
) STRICT;
CREATE INDEX journal_by_topic ON journal (topic, seq);
CREATE INDEX journal_by_day ON journal (day, seq);
CREATE INDEX journal_by_person ON journal (who, seq) WHERE who IS NOT NULL;
CREATE INDEX journal_by_allower ON journal (allowed_by, seq) WHERE allowed_by IS NOT NULL;
CREATE INDEX journal_by_subject ON journal (subject, seq);
CREATE TRIGGER journal_is_not_edited BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;

-- A shift: the time between two Z reports. Its first sale opens it.
CREATE TABLE shift (number INTEGER PRIMARY KEY, opened_at TEXT NOT NULL, closed_at TEXT) STRICT;

-- What a shift's sales add up to, in minor units or counted; grown in the commit of each sale.
CREATE TABLE shift_total (
  shift  INTEGER NOT NULL REFERENCES shift (number),
  figure TEXT NOT NULL,
  -- A VAT rate in basis points, a kind of tender, or nothing.
  part   TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (shift, figure, part)
) STRICT, WITHOUT ROWID;

-- What stands above and below the figures of a receipt. A sale names the one it was closed under, so that a later
-- change of the settings leaves old receipts as they were given out.
CREATE TABLE receipt_header (id INTEGER PRIMARY KEY, body TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE sale (
  id          TEXT PRIMARY KEY,
  ticket      INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open', 'closed', 'void')),
  currency    TEXT NOT NULL,
  -- The receipt number, gap-free, given at close.
  number      INTEGER UNIQUE,
  -- The terms it was rung up on: steps in minor units, VAT in the prices or on top of them.
  line_step_minor INTEGER NOT NULL CHECK (line_step_minor > 0),
  cash_step_minor INTEGER NOT NULL CHECK (cash_step_minor > 0),
  vat             TEXT NOT NULL CHECK (vat IN ('included', 'added')),
  -- The cart's discounts as given, and what they take off.
  discounts       TEXT NOT NULL DEFAULT '[]',
  reason          TEXT,
  discount_minor  INTEGER NOT NULL CHECK (discount_minor >= 0),
  -- Σ of what the lines' own discounts take off.
  line_discount_minor INTEGER NOT NULL CHECK (line_discount_minor >= 0),
  tax_added_minor INTEGER NOT NULL,
  -- Lines less discounts, with the VAT on top; before rounding.
  total_minor     INTEGER NOT NULL,
  -- What the tenders could not take: total + rounding = tenders less change.
  rounding_minor  INTEGER NOT NULL DEFAULT 0,
  opened_at   TEXT NOT NULL,
  closed_at   TEXT,
  -- The shift in which it was closed or given up.
  shift       INTEGER REFERENCES shift (number),
  header      INTEGER REFERENCES receipt_header (id),
  CHECK ((state = 'open') = (shift IS NULL)),
  CHECK ((state = 'closed') = (number IS NOT NULL AND closed_at IS NOT NULL))
) STRICT;

-- Few sales are open at a time; however many are closed, the open ones are found at once.
CREATE INDEX sale_open ON sale (ticket) WHERE state = 'open';

CREATE TABLE sale_line (
  sale_id        TEXT NOT NULL REFERENCES sale (id),
  position       INTEGER NOT NULL,
  line           INTEGER NOT NULL,
  item_id        INTEGER NOT NULL,
  code           TEXT NOT NULL,
  name           TEXT NOT NULL,
  language       TEXT NOT NULL,
  unit           TEXT NOT NULL,
  quantity_milli INTEGER NOT NULL,
  -- The good's own price, and the one given by hand for this line.
  price_minor       INTEGER NOT NULL,
  own_price_minor   INTEGER,
  vat_bp            INTEGER,
  -- The line's discounts as given, why its price is not the usual one, what they take off, and the line's part of the cart's discount.
  discounts         TEXT NOT NULL DEFAULT '[]',
  reason            TEXT,
  gross_minor       INTEGER NOT NULL,
  discount_minor    INTEGER NOT NULL,
  cart_share_minor  INTEGER NOT NULL,
  sold_minor        INTEGER NOT NULL,
  -- The one marked unit it sells: GTIN and serial, and the code byte for byte as scanned.
  marking_unit      TEXT,
  marking           TEXT,
  CHECK ((marking_unit IS NULL) = (marking IS NULL)),
  CHECK (gross_minor - discount_minor - cart_share_minor = sold_minor),
  PRIMARY KEY (sale_id, position)
) STRICT, WITHOUT ROWID;

-- One unit is sold once.
CREATE INDEX sale_line_by_marking ON sale_line (marking_unit) WHERE marking_unit IS NOT NULL;

-- What a closed sale's VAT came to, a row a rate, with the shift of its close.
CREATE TABLE sale_tax (
  sale_id   TEXT NOT NULL REFERENCES sale (id),
  vat_bp    INTEGER NOT NULL,
  net_minor INTEGER NOT NULL,
  tax_minor INTEGER NOT NULL,
  shift     INTEGER NOT NULL,
  PRIMARY KEY (sale_id, vat_bp)
) STRICT, WITHOUT ROWID;

-- A part of a closed sale taken back. All figures are zero or above; the currency is the sale's.
CREATE TABLE refund (
  id              TEXT PRIMARY KEY,
  sale_id         TEXT NOT NULL REFERENCES sale (id),
  state           TEXT NOT NULL CHECK (state IN ('open', 'closed', 'void')),
  -- In the same row as those of sales, given when the customer has the money.
  number          INTEGER UNIQUE,
  tax_added_minor INTEGER NOT NULL,
  total_minor     INTEGER NOT NULL,
  rounding_minor  INTEGER NOT NULL,
  opened_at       TEXT NOT NULL,
  closed_at       TEXT,
  shift           INTEGER REFERENCES shift (number),
  header          INTEGER REFERENCES receipt_header (id),
  CHECK ((state = 'closed') = (number IS NOT NULL AND closed_at IS NOT NULL AND shift IS NOT NULL))
) STRICT;
CREATE INDEX refund_of_sale ON refund (sale_id);
CREATE INDEX refund_open ON refund (opened_at) WHERE state = 'open';

CREATE TABLE refund_line (
  refund_id        TEXT NOT NULL REFERENCES refund (id),
  -- The line of the sale.
  line             INTEGER NOT NULL,
  -- Zero where money alone went back.
  quantity_milli   INTEGER NOT NULL CHECK (quantity_milli >= 0),
  gross_minor      INTEGER NOT NULL,
  discount_minor   INTEGER NOT NULL,
  cart_share_minor INTEGER NOT NULL,
  sold_minor       INTEGER NOT NULL,
  CHECK (gross_minor - discount_minor - cart_share_minor = sold_minor),
  PRIMARY KEY (refund_id, line)
) STRICT, WITHOUT ROWID;

-- With the shift in which the refund was closed; none while it is open.
CREATE TABLE refund_tax (
  refund_id TEXT NOT NULL REFERENCES refund (id),
  vat_bp    INTEGER NOT NULL,
  net_minor INTEGER NOT NULL,
  tax_minor INTEGER NOT NULL,
  shift     INTEGER,
  PRIMARY KEY (refund_id, vat_bp)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  id             TEXT PRIMARY KEY,
  sale_id        TEXT NOT NULL REFERENCES sale (id),
  ordinal        INTEGER NOT NULL,
  device         TEXT NOT NULL,
  kind           TEXT NOT NULL,
  -- The refund it is part of.
  refund_id      TEXT REFERENCES refund (id),
  amount_minor   INTEGER NOT NULL,
  currency       TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('intended', 'pending', 'approved', 'declined', 'cancelled', 'not_started', 'unknown')),
  reason         TEXT,
  by_hand        INTEGER NOT NULL DEFAULT 0,
  operation_id   TEXT,
  message        TEXT,
  answered_minor INTEGER,
  reference_list TEXT NOT NULL DEFAULT '{}',
  slip           TEXT NOT NULL DEFAULT '[]',
  late_success   INTEGER NOT NULL DEFAULT 0,
  started_at     TEXT NOT NULL,
  changed_at     TEXT NOT NULL,
  -- The last question the device allows only now and then: when, and on which run of this machine.
  asked_count    INTEGER NOT NULL DEFAULT 0,
  asked_at       TEXT,
  asked_boot     TEXT,
  asked_up_ms    INTEGER,
  -- What is certain to have passed since it was first looked for after a restart, and the clock of the last count.
  passed_ms      INTEGER NOT NULL DEFAULT 0,
  passed_boot    TEXT,
  passed_up_ms   INTEGER,
  CHECK ((kind = 'refund') = (refund_id IS NOT NULL)),
  UNIQUE (sale_id, ordinal)
) STRICT;
-- An operation of a device belongs to one attempt.
CREATE UNIQUE INDEX attempt_of_operation ON attempt (device, operation_id) WHERE operation_id IS NOT NULL;
CREATE INDEX attempt_to_watch ON attempt (started_at) WHERE by_hand OR late_success;
-- One open attempt per device, whoever writes.
CREATE UNIQUE INDEX attempt_open_on_device ON attempt (device) WHERE state IN ('intended', 'pending', 'unknown');

CREATE TABLE tender (
  sale_id        TEXT NOT NULL REFERENCES sale (id),
  ordinal        INTEGER NOT NULL,
  kind           TEXT NOT NULL,
  amount_minor   INTEGER NOT NULL,
  received_minor INTEGER NOT NULL,
  change_minor   INTEGER NOT NULL,
  -- What this tender could not take of the amount due.
  rounding_minor INTEGER NOT NULL,
  attempt_id     TEXT REFERENCES attempt (id),
  -- The shift in which its sale was closed; none while the sale is open.
  shift          INTEGER,
  CHECK (received_minor - change_minor = amount_minor),
  PRIMARY KEY (sale_id, ordinal)
) STRICT, WITHOUT ROWID;
-- What an attempt took is counted once; cash costs no entry here.
CREATE UNIQUE INDEX tender_of_attempt ON tender (attempt_id) WHERE attempt_id IS NOT NULL;

-- Which way a refund goes back, in its order: planned when it is opened, given one by one.
CREATE TABLE refund_tender (
  refund_id      TEXT NOT NULL REFERENCES refund (id),
  ordinal        INTEGER NOT NULL,
  kind           TEXT NOT NULL,
  amount_minor   INTEGER NOT NULL CHECK (amount_minor >= 0),
  rounding_minor INTEGER NOT NULL,
  -- The payment it is taken from; none for cash that was taken.
  payment_id     TEXT REFERENCES attempt (id),
  -- The last attempt to give it back by a device.
  attempt_id     TEXT REFERENCES attempt (id),
  given          INTEGER NOT NULL,
  shift          INTEGER,
  PRIMARY KEY (refund_id, ordinal)
) STRICT, WITHOUT ROWID;

-- The people of the shop. What they sign in by is kept as hashes under a key that is not in this file; of a removed
-- person the name alone stays.
CREATE TABLE person (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  role       TEXT NOT NULL CHECK (role IN ('cashier', 'senior', 'supervisor', 'owner')),
  pin_hash   TEXT,
  -- What the PIN was long enough for when it was set.
  pin_digits INTEGER NOT NULL,
  badge_hash BLOB UNIQUE,
  removed_at TEXT,
  CHECK ((removed_at IS NULL) = (pin_hash IS NOT NULL)),
  CHECK (removed_at IS NULL OR badge_hash IS NULL)
) STRICT;
CREATE UNIQUE INDEX person_by_name ON person (name) WHERE removed_at IS NULL;

-- Wrong tries in a row, by the person whose PIN is tried, or `badge`. The last one is kept on the clock of a run of
-- the machine: the wall clock can be set.
CREATE TABLE wrong_try (
  subject TEXT PRIMARY KEY,
  tries   INTEGER NOT NULL,
  boot    TEXT NOT NULL,
  up_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Answers to commands by the caller's id: a repeat gets the first answer.
CREATE TABLE command (id TEXT PRIMARY KEY, answer TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Which catalogue file is in use, and which one was before the last import. 0 is the empty catalogue.
CREATE TABLE catalogue (
  role TEXT PRIMARY KEY CHECK (role IN ('current', 'previous')),
  file INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How often each good was sold: what the search puts first.
CREATE TABLE item_popularity (item_id INTEGER PRIMARY KEY, sold INTEGER NOT NULL) STRICT;
CREATE INDEX item_by_popularity ON item_popularity (sold DESC);
