-- The officer looks at the last hours of everybody.

CREATE INDEX brake_hour ON brake (hour, actor);
