CREATE TABLE "identities" (
  "issuer" TEXT NOT NULL CHECK (length("issuer") BETWEEN 1 AND 255),
  "subject" TEXT NOT NULL CHECK (length("subject") BETWEEN 1 AND 255),
  "person" TEXT NOT NULL REFERENCES "people" ("person"),
  "made_at" INTEGER NOT NULL CHECK ("made_at" BETWEEN 0 AND 253402300799999999),
  PRIMARY KEY ("issuer", "subject")
) STRICT
