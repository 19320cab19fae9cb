CREATE TABLE "people" (
  "person" text PRIMARY KEY NOT NULL CHECK (length("person") > 0),
  "name" text NOT NULL CHECK (length("name") BETWEEN 1 AND 100),
  "password" text NOT NULL CHECK ("password" LIKE '$argon2id$%'),
  "role" text NOT NULL CHECK ("role" IN ('viewer', 'analyst', 'approver', 'admin')),
  "active" bigint NOT NULL CHECK ("active" IN (0, 1)),
  "made_at" bigint NOT NULL CHECK ("made_at" BETWEEN 0 AND 253402300799999999),
  "seen_at" bigint CHECK ("seen_at" BETWEEN 0 AND 253402300799999999)
)

CREATE TABLE "attempts" (
  "attempt" text PRIMARY KEY NOT NULL CHECK (length("attempt") = 16),
  "person" text NOT NULL,
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999)
)

CREATE INDEX "attempts_at" ON "attempts" ("at")

CREATE INDEX "attempts_person" ON "attempts" ("person")

CREATE TABLE "sessions" (
  "session" text PRIMARY KEY NOT NULL CHECK (length("session") = 16),
  "digest" text UNIQUE NOT NULL CHECK (length("digest") = 64),
  "person" text NOT NULL REFERENCES "people" ("person"),
  "made_at" bigint NOT NULL CHECK ("made_at" BETWEEN 0 AND 253402300799999999),
  "seen_at" bigint NOT NULL CHECK ("seen_at" BETWEEN 0 AND 253402300799999999)
)

CREATE INDEX "sessions_person" ON "sessions" ("person")

CREATE TABLE "api_keys" (
  "handle" text PRIMARY KEY NOT NULL CHECK (length("handle") = 16),
  "digest" text UNIQUE NOT NULL CHECK (length("digest") = 64),
  "person" text NOT NULL REFERENCES "people" ("person"),
  "label" text NOT NULL CHECK (length("label") <= 100),
  "scopes" text NOT NULL CHECK (length("scopes") > 0 AND ' ' || "scopes" || ' ' NOT LIKE '% admin %'),
  "made_at" bigint NOT NULL CHECK ("made_at" BETWEEN 0 AND 253402300799999999),
  "expires" bigint CHECK ("expires" BETWEEN 0 AND 253402300799999999),
  "revoked" bigint NOT NULL CHECK ("revoked" IN (0, 1)),
  "seen_at" bigint CHECK ("seen_at" BETWEEN 0 AND 253402300799999999),
  CHECK ("expires" > "made_at")
)

CREATE INDEX "api_keys_person" ON "api_keys" ("person")

CREATE TABLE "replies" (
  "caller" text NOT NULL CHECK (length("caller") > 0),
  "key" text NOT NULL CHECK (length("key") = 64),
  "fingerprint" text NOT NULL CHECK (length("fingerprint") = 64),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "status" bigint CHECK ("status" BETWEEN 100 AND 599),
  "body" bytea,
  PRIMARY KEY ("caller", "key"),
  CHECK (("status" IS NULL) = ("body" IS NULL))
)

CREATE INDEX "replies_at" ON "replies" ("at")

CREATE TABLE "kept" (
  "handle" text PRIMARY KEY NOT NULL CHECK (length("handle") = 16),
  "kind" text NOT NULL CHECK (length("kind") > 0),
  "owner" text NOT NULL CHECK (length("owner") > 0),
  "name" text NOT NULL CHECK (length("name") BETWEEN 1 AND 100),
  "text" text NOT NULL CHECK (length("text") <= 200000),
  "at" bigint NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  UNIQUE ("kind", "owner", "name")
)
