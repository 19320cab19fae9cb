CREATE TABLE "people" (
  "person" TEXT PRIMARY KEY NOT NULL CHECK (length("person") > 0),
  "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 100),
  "password" TEXT NOT NULL CHECK ("password" LIKE '$argon2id$%'),
  "role" TEXT NOT NULL CHECK ("role" IN ('viewer', 'analyst', 'approver', 'admin')),
  "active" INTEGER NOT NULL CHECK ("active" IN (0, 1)),
  "made_at" INTEGER NOT NULL CHECK ("made_at" BETWEEN 0 AND 253402300799999999),
  "seen_at" INTEGER CHECK ("seen_at" BETWEEN 0 AND 253402300799999999)
) STRICT

CREATE TABLE "attempts" (
  "attempt" TEXT PRIMARY KEY NOT NULL CHECK (length("attempt") = 16),
  "person" TEXT NOT NULL,
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999)
) STRICT

CREATE INDEX "attempts_at" ON "attempts" ("at")

CREATE INDEX "attempts_person" ON "attempts" ("person")

CREATE TABLE "sessions" (
  "session" TEXT PRIMARY KEY NOT NULL CHECK (length("session") = 16),
  "digest" TEXT UNIQUE NOT NULL CHECK (length("digest") = 64),
  "person" TEXT NOT NULL REFERENCES "people" ("person"),
  "made_at" INTEGER NOT NULL CHECK ("made_at" BETWEEN 0 AND 253402300799999999),
  "seen_at" INTEGER NOT NULL CHECK ("seen_at" BETWEEN 0 AND 253402300799999999)
) STRICT

CREATE INDEX "sessions_person" ON "sessions" ("person")

CREATE TABLE "api_keys" (
  "handle" TEXT PRIMARY KEY NOT NULL CHECK (length("handle") = 16),
  "digest" TEXT UNIQUE NOT NULL CHECK (length("digest") = 64),
  "person" TEXT NOT NULL REFERENCES "people" ("person"),
  "label" TEXT NOT NULL CHECK (length("label") <= 100),
  "scopes" TEXT NOT NULL CHECK (length("scopes") > 0 AND ' ' || "scopes" || ' ' NOT LIKE '% admin %'),
  "made_at" INTEGER NOT NULL CHECK ("made_at" BETWEEN 0 AND 253402300799999999),
  "expires" INTEGER CHECK ("expires" BETWEEN 0 AND 253402300799999999),
  "revoked" INTEGER NOT NULL CHECK ("revoked" IN (0, 1)),
  "seen_at" INTEGER CHECK ("seen_at" BETWEEN 0 AND 253402300799999999),
  CHECK ("expires" > "made_at")
) STRICT

CREATE INDEX "api_keys_person" ON "api_keys" ("person")

CREATE TABLE "replies" (
  "caller" TEXT NOT NULL CHECK (length("caller") > 0),
  "key" TEXT NOT NULL CHECK (length("key") = 64),
  "fingerprint" TEXT NOT NULL CHECK (length("fingerprint") = 64),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  "status" INTEGER CHECK ("status" BETWEEN 100 AND 599),
  "body" BLOB,
  PRIMARY KEY ("caller", "key"),
  CHECK (("status" IS NULL) = ("body" IS NULL))
) STRICT

CREATE INDEX "replies_at" ON "replies" ("at")

CREATE TABLE "kept" (
  "handle" TEXT PRIMARY KEY NOT NULL CHECK (length("handle") = 16),
  "kind" TEXT NOT NULL CHECK (length("kind") > 0),
  "owner" TEXT NOT NULL CHECK (length("owner") > 0),
  "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 100),
  "text" TEXT NOT NULL CHECK (length("text") <= 200000),
  "at" INTEGER NOT NULL CHECK ("at" BETWEEN 0 AND 253402300799999999),
  UNIQUE ("kind", "owner", "name")
) STRICT
