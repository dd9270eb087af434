package datamap

import "ustaz/internal/policy"

func breachTables() []Group {
	watching := []policy.Purpose{policy.Locate, policy.Notify}
	return []Group{
		table("breach", "The register of breaches.", watching, "officers", endless).of(
			is("id", "year and number in it", Technical, "7.1"),
			is("number", "its number", Technical, "7.1"),
			is("drill", "whether it is a drill", Technical, "7.1"),
			is("kind", "what happened", Technical, "7.1"),
			is("detected_at", "when it was detected", Technical, "7.1", "5.5"),
			is("made_by", "number of the officer who entered it", Pseudonymous, "7.1"),
			is("about", "what happened, in the officer's words, without people's names", Technical, "7.1"),
			is("measures", "what was done, in the officer's words", Technical, "7.1"),
			is("actor_kind", "what sort of actor opened the data", Technical, "7.1"),
			is("actor", "number of who opened the data", Pseudonymous, "7.1"),
			is("from_at", "from when", Technical, "7.1"),
			is("until_at", "until when", Technical, "7.1"),
			is("due_at", "until when the authority is to be told", Technical, "7.1"),
			is("counted_at", "when it was known whom it concerns", Technical, "7.1"),
			is("authority_at", "when the authority was told", Technical, "7.1"),
			is("notice_at", "when the letters were ordered", Technical, "5.5"),
			is("closed_at", "when the work ended", Technical, "7.1"),
		),
		table("breach_subject", "Whom a breach concerns, as the log says.", watching, viewers, outlives).of(
			is("breach", "which breach", Technical, "7.1"),
			is("subject", "whose data were opened", Pseudonymous, "7.1"),
			is("fields", "which fields were", Pseudonymous, "7.1"),
			is("told_at", "when they were told", Pseudonymous, "5.5"),
		),
	}
}
