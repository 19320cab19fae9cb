CREATE TABLE "identities" (
  "issuer" text NOT NULL CHECK (length("issuer") BETWEEN 1 AND 255),
  "subject" text NOT NULL CHECK (length("subject") BETWEEN 1 AND 255),
  "person" text NOT NULL REFERENCES "people" ("person"),
  "made_at" bigint NOT NULL CHECK ("made_at" BETWEEN 0 AND 253402300799999999),
  PRIMARY KEY ("issuer", "subject")
)
