-- Wishes to be deleted are cases of the rights desk now.

DROP TABLE deletion_request;
