-- When the log of an ended job was removed, because it is kept for some time only. Its size and digest stay.
ALTER TABLE job_logs ADD COLUMN removed BIGINT;
