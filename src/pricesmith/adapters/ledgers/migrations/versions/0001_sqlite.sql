CREATE TABLE "contents" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "content" TEXT NOT NULL CHECK (length("content") = 64),
  "kind" TEXT NOT NULL,
  "bytes" BLOB NOT NULL,
  UNIQUE ("content")
) STRICT

CREATE INDEX "contents_seq" ON "contents" ("seq")

CREATE TABLE "runs" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "run" TEXT NOT NULL CHECK (length("run") > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "by" TEXT NOT NULL CHECK (length(trim("by")) > 0),
  "as_of" INTEGER NOT NULL CHECK ("as_of" BETWEEN -719162 AND 2932896),
  "currency" TEXT NOT NULL CHECK (length("currency") > 0),
  "kind" TEXT NOT NULL CHECK ("kind" IN ('price', 'undo', 'override')),
  "parent" TEXT,
  "policy" TEXT NOT NULL,
  "snapshot" TEXT NOT NULL,
  "model" TEXT NOT NULL,
  "code" TEXT NOT NULL,
  "value" REAL NOT NULL CHECK ("value" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "bound" REAL NOT NULL CHECK ("bound" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "digest" TEXT NOT NULL,
  "facts" TEXT NOT NULL,
  UNIQUE ("run")
) STRICT

CREATE INDEX "runs_seq" ON "runs" ("seq")

CREATE TABLE "decided" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "run" TEXT NOT NULL CHECK (length("run") > 0),
  "sku" TEXT NOT NULL CHECK (length("sku") > 0),
  "channel" TEXT NOT NULL CHECK (length("channel") > 0),
  "region" TEXT NOT NULL CHECK (length("region") > 0),
  "current_price" INTEGER CHECK ("current_price" >= 0),
  "price" INTEGER CHECK ("price" >= 0),
  "action" TEXT NOT NULL CHECK ("action" IN ('change', 'keep', 'hold')),
  "reason" TEXT NOT NULL,
  "elasticity" REAL CHECK ("elasticity" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "elasticity_lo" REAL CHECK ("elasticity_lo" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "elasticity_hi" REAL CHECK ("elasticity_hi" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "evidence" TEXT NOT NULL,
  "expected_units" REAL CHECK ("expected_units" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "expected_revenue" REAL CHECK ("expected_revenue" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "expected_profit" REAL CHECK ("expected_profit" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "profit_change" REAL CHECK ("profit_change" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "profit_change_lo" REAL CHECK ("profit_change_lo" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "profit_change_hi" REAL CHECK ("profit_change_hi" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "binding_rules" TEXT NOT NULL,
  "explanation" TEXT NOT NULL,
  "cluster" TEXT,
  "propensity" REAL NOT NULL CHECK ("propensity" BETWEEN 0 AND 1),
  UNIQUE ("run", "sku", "channel", "region"),
  CHECK ("action" <> 'change' OR ("price" IS NOT NULL AND "price" > 0))
) STRICT

CREATE INDEX "decided_seq" ON "decided" ("seq")

CREATE TABLE "verdicts" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "verdict" TEXT NOT NULL CHECK (length("verdict") > 0),
  "run" TEXT NOT NULL CHECK (length("run") > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "requester" TEXT NOT NULL CHECK (length(trim("requester")) > 0),
  "approver" TEXT NOT NULL CHECK (length(trim("approver")) > 0),
  "answer" TEXT NOT NULL CHECK ("answer" IN ('accept', 'reject', 'withdraw')),
  "why" TEXT,
  "digest" TEXT NOT NULL,
  "expires" INTEGER NOT NULL CHECK ("expires" BETWEEN 0 AND 253402300799999999),
  "sku" TEXT NOT NULL CHECK (length("sku") > 0),
  "channel" TEXT NOT NULL CHECK (length("channel") > 0),
  "region" TEXT NOT NULL CHECK (length("region") > 0),
  UNIQUE ("verdict"),
  CHECK ("answer" <> 'accept' OR lower(trim("requester")) <> lower(trim("approver"))),
  CHECK ("expires" > "at")
) STRICT

CREATE INDEX "verdicts_seq" ON "verdicts" ("seq")

CREATE TABLE "intents" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "intent" TEXT NOT NULL CHECK (length("intent") > 0),
  "run" TEXT NOT NULL CHECK (length("run") > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "target" TEXT NOT NULL CHECK (length("target") > 0),
  "sku" TEXT NOT NULL CHECK (length("sku") > 0),
  "channel" TEXT NOT NULL CHECK (length("channel") > 0),
  "region" TEXT NOT NULL CHECK (length("region") > 0),
  "version" INTEGER NOT NULL CHECK ("version" >= 0),
  "price" INTEGER NOT NULL CHECK ("price" >= 1),
  "previous" INTEGER CHECK ("previous" >= 0),
  "currency" TEXT NOT NULL CHECK (length("currency") > 0),
  "kind" TEXT NOT NULL CHECK ("kind" IN ('publish', 'undo')),
  "expires" INTEGER NOT NULL CHECK ("expires" BETWEEN 0 AND 253402300799999999),
  UNIQUE ("intent"),
  UNIQUE ("target", "sku", "channel", "region", "version"),
  CHECK ("expires" > "at")
) STRICT

CREATE INDEX "intents_seq" ON "intents" ("seq")

CREATE TABLE "receipts" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "intent" TEXT NOT NULL CHECK (length("intent") > 0),
  "attempt" INTEGER NOT NULL CHECK ("attempt" >= 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "worker" TEXT NOT NULL CHECK (length("worker") > 0),
  "fate" TEXT NOT NULL CHECK ("fate" IN ('applied', 'same', 'rejected', 'unknown', 'pending', 'superseded', 'expired', 'held', 'dead')),
  "code" TEXT NOT NULL,
  "sent" INTEGER CHECK ("sent" >= 1),
  "read" INTEGER CHECK ("read" >= 0),
  "detail" TEXT,
  UNIQUE ("intent", "attempt")
) STRICT

CREATE INDEX "receipts_seq" ON "receipts" ("seq")

CREATE TABLE "applied" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "target" TEXT NOT NULL CHECK (length("target") > 0),
  "sku" TEXT NOT NULL CHECK (length("sku") > 0),
  "channel" TEXT NOT NULL CHECK (length("channel") > 0),
  "region" TEXT NOT NULL CHECK (length("region") > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "price" INTEGER NOT NULL CHECK ("price" >= 0),
  "currency" TEXT NOT NULL CHECK (length("currency") > 0),
  "cause" TEXT NOT NULL CHECK ("cause" IN ('publish', 'undo', 'found', 'drift')),
  "intent" TEXT,
  UNIQUE ("target", "sku", "channel", "region", "at")
) STRICT

CREATE INDEX "applied_seq" ON "applied" ("seq")

CREATE TABLE "guard_hits" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "hit" TEXT NOT NULL CHECK (length("hit") > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "guard" TEXT NOT NULL,
  "code" TEXT NOT NULL,
  "target" TEXT NOT NULL CHECK (length("target") > 0),
  "run" TEXT CHECK (length("run") > 0),
  "sku" TEXT CHECK (length("sku") > 0),
  "channel" TEXT CHECK (length("channel") > 0),
  "region" TEXT CHECK (length("region") > 0),
  "price" INTEGER CHECK ("price" >= 0),
  "stops" INTEGER NOT NULL CHECK ("stops" IN (0, 1)),
  UNIQUE ("hit")
) STRICT

CREATE INDEX "guard_hits_seq" ON "guard_hits" ("seq")

CREATE TABLE "switches" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "switch" TEXT NOT NULL CHECK (length("switch") > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "by" TEXT NOT NULL CHECK (length(trim("by")) > 0),
  "scope" TEXT NOT NULL CHECK ("scope" IN ('all', 'target', 'sku')),
  "name" TEXT NOT NULL,
  "state" TEXT NOT NULL CHECK ("state" IN ('stop', 'trip', 'release_asked', 'release')),
  "why" TEXT,
  UNIQUE ("switch")
) STRICT

CREATE INDEX "switches_seq" ON "switches" ("seq")

CREATE TABLE "exceptions" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "exception" TEXT NOT NULL CHECK (length("exception") > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "sku" TEXT NOT NULL CHECK (length("sku") > 0),
  "channel" TEXT NOT NULL CHECK (length("channel") > 0),
  "region" TEXT NOT NULL CHECK (length("region") > 0),
  "floor" INTEGER NOT NULL CHECK ("floor" >= 1),
  "requester" TEXT NOT NULL CHECK (length(trim("requester")) > 0),
  "approver" TEXT NOT NULL CHECK (length(trim("approver")) > 0),
  "expires" INTEGER NOT NULL CHECK ("expires" BETWEEN 0 AND 253402300799999999),
  "why" TEXT NOT NULL,
  UNIQUE ("exception"),
  CHECK (lower(trim("requester")) <> lower(trim("approver"))),
  CHECK ("expires" - "at" BETWEEN 1 AND 604800000000)
) STRICT

CREATE INDEX "exceptions_seq" ON "exceptions" ("seq")

CREATE TABLE "sales_seen" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "date" INTEGER NOT NULL CHECK ("date" BETWEEN -719162 AND 2932896),
  "sku" TEXT NOT NULL CHECK (length("sku") > 0),
  "channel" TEXT NOT NULL CHECK (length("channel") > 0),
  "region" TEXT NOT NULL CHECK (length("region") > 0),
  "units" REAL NOT NULL CHECK ("units" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "revenue" REAL NOT NULL CHECK ("revenue" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "profit" REAL CHECK ("profit" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  UNIQUE ("date", "sku", "channel", "region")
) STRICT

CREATE INDEX "sales_seen_seq" ON "sales_seen" ("seq")

CREATE TABLE "attested" (
  "nr" INTEGER PRIMARY KEY CHECK ("nr" > 0),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "digest" TEXT NOT NULL CHECK (length("digest") > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "requester" TEXT NOT NULL CHECK (length(trim("requester")) > 0),
  "approver" TEXT NOT NULL CHECK (length(trim("approver")) > 0),
  UNIQUE ("digest"),
  CHECK (lower(trim("requester")) <> lower(trim("approver")))
) STRICT

CREATE INDEX "attested_seq" ON "attested" ("seq")

CREATE TABLE "audit" (
  "seq" INTEGER PRIMARY KEY CHECK ("seq" > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "by" TEXT NOT NULL CHECK (length(trim("by")) > 0),
  "act" TEXT NOT NULL CHECK (length("act") > 0),
  "subject" TEXT NOT NULL CHECK (length("subject") > 0),
  "digest" TEXT NOT NULL,
  "previous" TEXT NOT NULL CHECK (length("previous") = 64),
  "chain" TEXT NOT NULL CHECK (length("chain") = 64)
) STRICT

CREATE TABLE "checkpoints" (
  "seq" INTEGER PRIMARY KEY CHECK ("seq" > 0),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "chain" TEXT NOT NULL CHECK (length("chain") = 64),
  "key" TEXT NOT NULL CHECK (length("key") = 64),
  "signature" TEXT NOT NULL CHECK (length("signature") = 128)
) STRICT

CREATE INDEX "intents_run" ON "intents" ("run")

CREATE INDEX "verdicts_run" ON "verdicts" ("run")

CREATE TABLE "outbox" (
  "intent" TEXT PRIMARY KEY NOT NULL,
  "nr" INTEGER NOT NULL,
  "target" TEXT NOT NULL,
  "sku" TEXT NOT NULL,
  "channel" TEXT NOT NULL,
  "region" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "attempt" INTEGER NOT NULL CHECK ("attempt" >= 0),
  "due" INTEGER NOT NULL CHECK ("due" BETWEEN 0 AND 253402300799999999),
  "fence" INTEGER,
  "worker" TEXT,
  "until" INTEGER,
  CHECK (("fence" IS NULL) = ("worker" IS NULL) AND ("fence" IS NULL) = ("until" IS NULL))
) STRICT

CREATE INDEX "outbox_order" ON "outbox" ("target", "nr")

CREATE INDEX "outbox_product" ON "outbox" ("target", "sku", "channel", "region")

CREATE INDEX "outbox_fence" ON "outbox" ("fence")

CREATE TABLE "fence" (
  "one" INTEGER PRIMARY KEY CHECK ("one" = 1),
  "last" INTEGER NOT NULL CHECK ("last" >= 0)
) STRICT

INSERT INTO "fence" VALUES (1, 0)

CREATE TRIGGER "contents_no_update" BEFORE UPDATE ON "contents" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of contents is refused');
END

CREATE TRIGGER "contents_no_delete" BEFORE DELETE ON "contents" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of contents is refused');
END

CREATE TRIGGER "contents_no_replace" BEFORE INSERT ON "contents"
WHEN EXISTS (SELECT 1 FROM "contents" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "contents" WHERE "content" = NEW."content") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of contents stands already');
END

CREATE TRIGGER "runs_no_update" BEFORE UPDATE ON "runs" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of runs is refused');
END

CREATE TRIGGER "runs_no_delete" BEFORE DELETE ON "runs" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of runs is refused');
END

CREATE TRIGGER "runs_no_replace" BEFORE INSERT ON "runs"
WHEN EXISTS (SELECT 1 FROM "runs" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "runs" WHERE "run" = NEW."run") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of runs stands already');
END

CREATE TRIGGER "decided_no_update" BEFORE UPDATE ON "decided" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of decided is refused');
END

CREATE TRIGGER "decided_no_delete" BEFORE DELETE ON "decided" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of decided is refused');
END

CREATE TRIGGER "decided_no_replace" BEFORE INSERT ON "decided"
WHEN EXISTS (SELECT 1 FROM "decided" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "decided" WHERE "run" = NEW."run" AND "sku" = NEW."sku" AND "channel" = NEW."channel" AND "region" = NEW."region") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of decided stands already');
END

CREATE TRIGGER "verdicts_no_update" BEFORE UPDATE ON "verdicts" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of verdicts is refused');
END

CREATE TRIGGER "verdicts_no_delete" BEFORE DELETE ON "verdicts" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of verdicts is refused');
END

CREATE TRIGGER "verdicts_no_replace" BEFORE INSERT ON "verdicts"
WHEN EXISTS (SELECT 1 FROM "verdicts" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "verdicts" WHERE "verdict" = NEW."verdict") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of verdicts stands already');
END

CREATE TRIGGER "intents_no_update" BEFORE UPDATE ON "intents" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of intents is refused');
END

CREATE TRIGGER "intents_no_delete" BEFORE DELETE ON "intents" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of intents is refused');
END

CREATE TRIGGER "intents_no_replace" BEFORE INSERT ON "intents"
WHEN EXISTS (SELECT 1 FROM "intents" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "intents" WHERE "intent" = NEW."intent")
  OR EXISTS (SELECT 1 FROM "intents" WHERE "target" = NEW."target" AND "sku" = NEW."sku" AND "channel" = NEW."channel" AND "region" = NEW."region" AND "version" = NEW."version") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of intents stands already');
END

CREATE TRIGGER "receipts_no_update" BEFORE UPDATE ON "receipts" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of receipts is refused');
END

CREATE TRIGGER "receipts_no_delete" BEFORE DELETE ON "receipts" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of receipts is refused');
END

CREATE TRIGGER "receipts_no_replace" BEFORE INSERT ON "receipts"
WHEN EXISTS (SELECT 1 FROM "receipts" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "receipts" WHERE "intent" = NEW."intent" AND "attempt" = NEW."attempt") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of receipts stands already');
END

CREATE TRIGGER "applied_no_update" BEFORE UPDATE ON "applied" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of applied is refused');
END

CREATE TRIGGER "applied_no_delete" BEFORE DELETE ON "applied" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of applied is refused');
END

CREATE TRIGGER "applied_no_replace" BEFORE INSERT ON "applied"
WHEN EXISTS (SELECT 1 FROM "applied" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "applied" WHERE "target" = NEW."target" AND "sku" = NEW."sku" AND "channel" = NEW."channel" AND "region" = NEW."region" AND "at" = NEW."at") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of applied stands already');
END

CREATE TRIGGER "guard_hits_no_update" BEFORE UPDATE ON "guard_hits" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of guard_hits is refused');
END

CREATE TRIGGER "guard_hits_no_delete" BEFORE DELETE ON "guard_hits" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of guard_hits is refused');
END

CREATE TRIGGER "guard_hits_no_replace" BEFORE INSERT ON "guard_hits"
WHEN EXISTS (SELECT 1 FROM "guard_hits" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "guard_hits" WHERE "hit" = NEW."hit") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of guard_hits stands already');
END

CREATE TRIGGER "switches_no_update" BEFORE UPDATE ON "switches" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of switches is refused');
END

CREATE TRIGGER "switches_no_delete" BEFORE DELETE ON "switches" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of switches is refused');
END

CREATE TRIGGER "switches_no_replace" BEFORE INSERT ON "switches"
WHEN EXISTS (SELECT 1 FROM "switches" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "switches" WHERE "switch" = NEW."switch") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of switches stands already');
END

CREATE TRIGGER "exceptions_no_update" BEFORE UPDATE ON "exceptions" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of exceptions is refused');
END

CREATE TRIGGER "exceptions_no_delete" BEFORE DELETE ON "exceptions" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of exceptions is refused');
END

CREATE TRIGGER "exceptions_no_replace" BEFORE INSERT ON "exceptions"
WHEN EXISTS (SELECT 1 FROM "exceptions" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "exceptions" WHERE "exception" = NEW."exception") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of exceptions stands already');
END

CREATE TRIGGER "sales_seen_no_update" BEFORE UPDATE ON "sales_seen" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of sales_seen is refused');
END

CREATE TRIGGER "sales_seen_no_delete" BEFORE DELETE ON "sales_seen" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of sales_seen is refused');
END

CREATE TRIGGER "sales_seen_no_replace" BEFORE INSERT ON "sales_seen"
WHEN EXISTS (SELECT 1 FROM "sales_seen" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "sales_seen" WHERE "date" = NEW."date" AND "sku" = NEW."sku" AND "channel" = NEW."channel" AND "region" = NEW."region") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of sales_seen stands already');
END

CREATE TRIGGER "attested_no_update" BEFORE UPDATE ON "attested" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of attested is refused');
END

CREATE TRIGGER "attested_no_delete" BEFORE DELETE ON "attested" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of attested is refused');
END

CREATE TRIGGER "attested_no_replace" BEFORE INSERT ON "attested"
WHEN EXISTS (SELECT 1 FROM "attested" WHERE "nr" = NEW."nr")
  OR EXISTS (SELECT 1 FROM "attested" WHERE "digest" = NEW."digest") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of attested stands already');
END

CREATE TRIGGER "audit_no_update" BEFORE UPDATE ON "audit" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of audit is refused');
END

CREATE TRIGGER "audit_no_delete" BEFORE DELETE ON "audit" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of audit is refused');
END

CREATE TRIGGER "audit_no_replace" BEFORE INSERT ON "audit"
WHEN EXISTS (SELECT 1 FROM "audit" WHERE "seq" = NEW."seq") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of audit stands already');
END

CREATE TRIGGER "checkpoints_no_update" BEFORE UPDATE ON "checkpoints" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: UPDATE of checkpoints is refused');
END

CREATE TRIGGER "checkpoints_no_delete" BEFORE DELETE ON "checkpoints" BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: DELETE of checkpoints is refused');
END

CREATE TRIGGER "checkpoints_no_replace" BEFORE INSERT ON "checkpoints"
WHEN EXISTS (SELECT 1 FROM "checkpoints" WHERE "seq" = NEW."seq") BEGIN
  SELECT RAISE(ABORT, 'the ledger is only added to: this key of checkpoints stands already');
END

CREATE TRIGGER "verdicts_second_person" BEFORE INSERT ON "verdicts"
WHEN NEW."answer" = 'accept' AND EXISTS (SELECT 1 FROM "runs" WHERE "run" = NEW."run" AND lower(trim("by")) = lower(trim(NEW."approver"))) BEGIN
  SELECT RAISE(ABORT, 'who made a run cannot accept it');
END

CREATE TRIGGER "switches_second_person" BEFORE INSERT ON "switches"
WHEN NEW."state" = 'release' AND NOT EXISTS (
  SELECT 1 FROM "switches" AS asked
    WHERE asked."scope" = NEW."scope" AND asked."name" = NEW."name" AND asked."state" = 'release_asked'
      AND lower(trim(asked."by")) <> lower(trim(NEW."by"))
      AND asked."nr" > (SELECT coalesce(max("nr"), 0) FROM "switches"
        WHERE "scope" = NEW."scope" AND "name" = NEW."name" AND "state" <> 'release_asked')) BEGIN
  SELECT RAISE(ABORT, 'a release needs a second person, after another has asked for it');
END
