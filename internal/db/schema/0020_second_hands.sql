-- Who attached the letter of a disclosure and who sent it for approval: neither of them may approve it (5.3). Letters are sealed from now on,
-- and their names are not kept; those that were stored in the clear go, and are to be attached again.

ALTER TABLE disclosure ADD COLUMN letter_by BIGINT NOT NULL DEFAULT 0;

ALTER TABLE disclosure ADD COLUMN sent_by BIGINT NOT NULL DEFAULT 0;

ALTER TABLE disclosure DROP COLUMN letter_name;

DELETE FROM disclosure_letter;

UPDATE disclosure SET letter_size = 0;

UPDATE disclosure SET state = 1 WHERE state = 2;

-- Of somebody for whom several cases ended in their erasure, the register has one line, and each case its certificate.
CREATE INDEX desk_erasure_subject ON desk_erasure (subject, case_id);
