-- The bytes of documents are in files that are called after their hash. A row says which file is a
-- document's; bytes that came before stay in their row until that goes.

ALTER TABLE document_contents RENAME TO document_contents_before;
CREATE TABLE document_contents (
  clinic_id TEXT COLLATE "C" NOT NULL,
  document_id TEXT COLLATE "C" NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  content BYTES,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (clinic_id, document_id)
) CLUSTERED;
INSERT INTO document_contents (clinic_id, document_id, sha256, content, created_at)
  SELECT b.clinic_id, b.document_id, COALESCE(d.sha256, ''), b.content, b.created_at
  FROM document_contents_before b LEFT JOIN documents d ON d.clinic_id = b.clinic_id AND d.id = b.document_id;
DROP TABLE document_contents_before;
-- Whether another document still has the same bytes.
CREATE INDEX document_contents_by_sha256 ON document_contents (clinic_id, sha256);
