CREATE TABLE "contents" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "content" text NOT NULL CHECK (length("content") = 64),
  "kind" text NOT NULL,
  "bytes" bytea NOT NULL,
  UNIQUE ("content")
)

CREATE INDEX "contents_seq" ON "contents" ("seq")

CREATE TABLE "runs" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "run" text NOT NULL CHECK (length("run") > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "by" text NOT NULL CHECK (length(trim("by")) > 0),
  "as_of" bigint NOT NULL CHECK ("as_of" BETWEEN -719162 AND 2932896),
  "currency" text NOT NULL CHECK (length("currency") > 0),
  "kind" text NOT NULL CHECK ("kind" IN ('price', 'undo', 'override')),
  "parent" text,
  "policy" text NOT NULL,
  "snapshot" text NOT NULL,
  "model" text NOT NULL,
  "code" text NOT NULL,
  "value" double precision NOT NULL CHECK ("value" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "bound" double precision NOT NULL CHECK ("bound" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "digest" text NOT NULL,
  "facts" text NOT NULL,
  UNIQUE ("run")
)

CREATE INDEX "runs_seq" ON "runs" ("seq")

CREATE TABLE "decided" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "run" text NOT NULL CHECK (length("run") > 0),
  "sku" text NOT NULL CHECK (length("sku") > 0),
  "channel" text NOT NULL CHECK (length("channel") > 0),
  "region" text NOT NULL CHECK (length("region") > 0),
  "current_price" bigint CHECK ("current_price" >= 0),
  "price" bigint CHECK ("price" >= 0),
  "action" text NOT NULL CHECK ("action" IN ('change', 'keep', 'hold')),
  "reason" text NOT NULL,
  "elasticity" double precision CHECK ("elasticity" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "elasticity_lo" double precision CHECK ("elasticity_lo" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "elasticity_hi" double precision CHECK ("elasticity_hi" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "evidence" text NOT NULL,
  "expected_units" double precision CHECK ("expected_units" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "expected_revenue" double precision CHECK ("expected_revenue" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "expected_profit" double precision CHECK ("expected_profit" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "profit_change" double precision CHECK ("profit_change" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "profit_change_lo" double precision CHECK ("profit_change_lo" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "profit_change_hi" double precision CHECK ("profit_change_hi" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "binding_rules" text NOT NULL,
  "explanation" text NOT NULL,
  "cluster" text,
  "propensity" double precision NOT NULL CHECK ("propensity" BETWEEN 0 AND 1),
  UNIQUE ("run", "sku", "channel", "region"),
  CHECK ("action" <> 'change' OR ("price" IS NOT NULL AND "price" > 0))
)

CREATE INDEX "decided_seq" ON "decided" ("seq")

CREATE TABLE "verdicts" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "verdict" text NOT NULL CHECK (length("verdict") > 0),
  "run" text NOT NULL CHECK (length("run") > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "requester" text NOT NULL CHECK (length(trim("requester")) > 0),
  "approver" text NOT NULL CHECK (length(trim("approver")) > 0),
  "answer" text NOT NULL CHECK ("answer" IN ('accept', 'reject', 'withdraw')),
  "why" text,
  "digest" text NOT NULL,
  "expires" bigint NOT NULL CHECK ("expires" BETWEEN 0 AND 253402300799999999),
  "sku" text NOT NULL CHECK (length("sku") > 0),
  "channel" text NOT NULL CHECK (length("channel") > 0),
  "region" text NOT NULL CHECK (length("region") > 0),
  UNIQUE ("verdict"),
  CHECK ("answer" <> 'accept' OR lower(trim("requester")) <> lower(trim("approver"))),
  CHECK ("expires" > "at")
)

CREATE INDEX "verdicts_seq" ON "verdicts" ("seq")

CREATE TABLE "intents" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "intent" text NOT NULL CHECK (length("intent") > 0),
  "run" text NOT NULL CHECK (length("run") > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "target" text NOT NULL CHECK (length("target") > 0),
  "sku" text NOT NULL CHECK (length("sku") > 0),
  "channel" text NOT NULL CHECK (length("channel") > 0),
  "region" text NOT NULL CHECK (length("region") > 0),
  "version" bigint NOT NULL CHECK ("version" >= 0),
  "price" bigint NOT NULL CHECK ("price" >= 1),
  "previous" bigint CHECK ("previous" >= 0),
  "currency" text NOT NULL CHECK (length("currency") > 0),
  "kind" text NOT NULL CHECK ("kind" IN ('publish', 'undo')),
  "expires" bigint NOT NULL CHECK ("expires" BETWEEN 0 AND 253402300799999999),
  UNIQUE ("intent"),
  UNIQUE ("target", "sku", "channel", "region", "version"),
  CHECK ("expires" > "at")
)

CREATE INDEX "intents_seq" ON "intents" ("seq")

CREATE TABLE "receipts" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "intent" text NOT NULL CHECK (length("intent") > 0),
  "attempt" bigint NOT NULL CHECK ("attempt" >= 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "worker" text NOT NULL CHECK (length("worker") > 0),
  "fate" text NOT NULL CHECK ("fate" IN ('applied', 'same', 'rejected', 'unknown', 'pending', 'superseded', 'expired', 'held', 'dead')),
  "code" text NOT NULL,
  "sent" bigint CHECK ("sent" >= 1),
  "read" bigint CHECK ("read" >= 0),
  "detail" text,
  UNIQUE ("intent", "attempt")
)

CREATE INDEX "receipts_seq" ON "receipts" ("seq")

CREATE TABLE "applied" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "target" text NOT NULL CHECK (length("target") > 0),
  "sku" text NOT NULL CHECK (length("sku") > 0),
  "channel" text NOT NULL CHECK (length("channel") > 0),
  "region" text NOT NULL CHECK (length("region") > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "price" bigint NOT NULL CHECK ("price" >= 0),
  "currency" text NOT NULL CHECK (length("currency") > 0),
  "cause" text NOT NULL CHECK ("cause" IN ('publish', 'undo', 'found', 'drift')),
  "intent" text,
  UNIQUE ("target", "sku", "channel", "region", "at")
)

CREATE INDEX "applied_seq" ON "applied" ("seq")

CREATE TABLE "guard_hits" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "hit" text NOT NULL CHECK (length("hit") > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "guard" text NOT NULL,
  "code" text NOT NULL,
  "target" text NOT NULL CHECK (length("target") > 0),
  "run" text CHECK (length("run") > 0),
  "sku" text CHECK (length("sku") > 0),
  "channel" text CHECK (length("channel") > 0),
  "region" text CHECK (length("region") > 0),
  "price" bigint CHECK ("price" >= 0),
  "stops" bigint NOT NULL CHECK ("stops" IN (0, 1)),
  UNIQUE ("hit")
)

CREATE INDEX "guard_hits_seq" ON "guard_hits" ("seq")

CREATE TABLE "switches" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "switch" text NOT NULL CHECK (length("switch") > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "by" text NOT NULL CHECK (length(trim("by")) > 0),
  "scope" text NOT NULL CHECK ("scope" IN ('all', 'target', 'sku')),
  "name" text NOT NULL,
  "state" text NOT NULL CHECK ("state" IN ('stop', 'trip', 'release_asked', 'release')),
  "why" text,
  UNIQUE ("switch")
)

CREATE INDEX "switches_seq" ON "switches" ("seq")

CREATE TABLE "exceptions" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "exception" text NOT NULL CHECK (length("exception") > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "sku" text NOT NULL CHECK (length("sku") > 0),
  "channel" text NOT NULL CHECK (length("channel") > 0),
  "region" text NOT NULL CHECK (length("region") > 0),
  "floor" bigint NOT NULL CHECK ("floor" >= 1),
  "requester" text NOT NULL CHECK (length(trim("requester")) > 0),
  "approver" text NOT NULL CHECK (length(trim("approver")) > 0),
  "expires" bigint NOT NULL CHECK ("expires" BETWEEN 0 AND 253402300799999999),
  "why" text NOT NULL,
  UNIQUE ("exception"),
  CHECK (lower(trim("requester")) <> lower(trim("approver"))),
  CHECK ("expires" - "at" BETWEEN 1 AND 604800000000)
)

CREATE INDEX "exceptions_seq" ON "exceptions" ("seq")

CREATE TABLE "sales_seen" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "date" bigint NOT NULL CHECK ("date" BETWEEN -719162 AND 2932896),
  "sku" text NOT NULL CHECK (length("sku") > 0),
  "channel" text NOT NULL CHECK (length("channel") > 0),
  "region" text NOT NULL CHECK (length("region") > 0),
  "units" double precision NOT NULL CHECK ("units" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "revenue" double precision NOT NULL CHECK ("revenue" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  "profit" double precision CHECK ("profit" BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308),
  UNIQUE ("date", "sku", "channel", "region")
)

CREATE INDEX "sales_seen_seq" ON "sales_seen" ("seq")

CREATE TABLE "attested" (
  "nr" bigint PRIMARY KEY CHECK ("nr" > 0),
  "seq" bigint NOT NULL CHECK ("seq" > 0),
  "digest" text NOT NULL CHECK (length("digest") > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "requester" text NOT NULL CHECK (length(trim("requester")) > 0),
  "approver" text NOT NULL CHECK (length(trim("approver")) > 0),
  UNIQUE ("digest"),
  CHECK (lower(trim("requester")) <> lower(trim("approver")))
)

CREATE INDEX "attested_seq" ON "attested" ("seq")

CREATE TABLE "audit" (
  "seq" bigint PRIMARY KEY CHECK ("seq" > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "by" text NOT NULL CHECK (length(trim("by")) > 0),
  "act" text NOT NULL CHECK (length("act") > 0),
  "subject" text NOT NULL CHECK (length("subject") > 0),
  "digest" text NOT NULL,
  "previous" text NOT NULL CHECK (length("previous") = 64),
  "chain" text NOT NULL CHECK (length("chain") = 64)
)

CREATE TABLE "checkpoints" (
  "seq" bigint PRIMARY KEY CHECK ("seq" > 0),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "chain" text NOT NULL CHECK (length("chain") = 64),
  "key" text NOT NULL CHECK (length("key") = 64),
  "signature" text NOT NULL CHECK (length("signature") = 128)
)

CREATE INDEX "intents_run" ON "intents" ("run")

CREATE INDEX "verdicts_run" ON "verdicts" ("run")

CREATE TABLE "outbox" (
  "intent" text PRIMARY KEY NOT NULL,
  "nr" bigint NOT NULL,
  "target" text NOT NULL,
  "sku" text NOT NULL,
  "channel" text NOT NULL,
  "region" text NOT NULL,
  "version" bigint NOT NULL,
  "attempt" bigint NOT NULL CHECK ("attempt" >= 0),
  "due" bigint NOT NULL CHECK ("due" BETWEEN 0 AND 253402300799999999),
  "fence" bigint,
  "worker" text,
  "until" bigint,
  CHECK (("fence" IS NULL) = ("worker" IS NULL) AND ("fence" IS NULL) = ("until" IS NULL))
)

CREATE INDEX "outbox_order" ON "outbox" ("target", "nr")

CREATE INDEX "outbox_product" ON "outbox" ("target", "sku", "channel", "region")

CREATE INDEX "outbox_fence" ON "outbox" ("fence")

CREATE TABLE "fence" (
  "one" bigint PRIMARY KEY CHECK ("one" = 1),
  "last" bigint NOT NULL CHECK ("last" >= 0)
)

INSERT INTO "fence" VALUES (1, 0)

CREATE FUNCTION "ledger_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is only added to: % of % is refused', TG_OP, TG_TABLE_NAME;
END $$

CREATE TRIGGER "contents_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "contents"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "runs_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "runs"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "decided_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "decided"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "verdicts_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "verdicts"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "intents_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "intents"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "receipts_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "receipts"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "applied_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "applied"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "guard_hits_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "guard_hits"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "switches_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "switches"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "exceptions_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "exceptions"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "sales_seen_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "sales_seen"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "attested_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "attested"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "audit_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE TRIGGER "checkpoints_only_added" BEFORE UPDATE OR DELETE OR TRUNCATE ON "checkpoints"
FOR EACH STATEMENT EXECUTE FUNCTION "ledger_refuse"()

CREATE FUNCTION "verdicts_second_person"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."answer" = 'accept' AND EXISTS (SELECT 1 FROM "runs" WHERE "run" = NEW."run" AND lower(trim("by")) = lower(trim(NEW."approver"))) THEN
    RAISE EXCEPTION 'who made a run cannot accept it';
  END IF;
  RETURN NEW;
END $$

CREATE TRIGGER "verdicts_second_person" BEFORE INSERT ON "verdicts"
FOR EACH ROW EXECUTE FUNCTION "verdicts_second_person"()

CREATE FUNCTION "switches_second_person"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."state" = 'release' AND NOT EXISTS (
  SELECT 1 FROM "switches" AS asked
    WHERE asked."scope" = NEW."scope" AND asked."name" = NEW."name" AND asked."state" = 'release_asked'
      AND lower(trim(asked."by")) <> lower(trim(NEW."by"))
      AND asked."nr" > (SELECT coalesce(max("nr"), 0) FROM "switches"
        WHERE "scope" = NEW."scope" AND "name" = NEW."name" AND "state" <> 'release_asked')) THEN
    RAISE EXCEPTION 'a release needs a second person, after another has asked for it';
  END IF;
  RETURN NEW;
END $$

CREATE TRIGGER "switches_second_person" BEFORE INSERT ON "switches"
FOR EACH ROW EXECUTE FUNCTION "switches_second_person"()
