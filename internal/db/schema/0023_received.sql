-- The day on which paper came, from which its clock counts (law 94-V, article 25): YYYY-MM-DD, empty where the case did not come on paper.

ALTER TABLE desk_case ADD COLUMN received TEXT NOT NULL DEFAULT '';
