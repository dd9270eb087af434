package datamap

import "ustaz/internal/policy"

// outwardTables hold what goes to state bodies (5.2, 5.3).
func outwardTables() []Group {
	outward := []policy.Purpose{policy.Transfer, policy.StateBodies}
	return []Group{
		table("recipient", "Register of state bodies that data may go to.", outward, "officers", endless).of(
			is("id", "number of the recipient", Technical, "5.2"),
			is("kind", "which of the three kinds", Technical, "5.2"),
			is("name_kk", "its name in Kazakh", Technical, "5.2"),
			is("name_ru", "its name in Russian", Technical, "5.2"),
			is("bin", "its BIN", Technical, "5.2"),
			is("email", "its address for one-time links", Technical, "5.2"),
			is("age_key", "its public key", Technical, "5.3"),
			is("made_by", "number of the officer who entered it", Pseudonymous, "5.2"),
			is("made_at", "when", Technical, "5.2"),
			is("ended_by", "number of the officer who ended it", Pseudonymous, "5.2"),
			is("ended_at", "when", Technical, "5.2"),
		),
		table("disclosure", "Answers to state bodies.", outward, "officers; recipient and ground also those who are in it", endless).of(
			is("id", "number of the disclosure", Technical, "5.2", "5.3"),
			is("recipient", "number of the recipient", Technical, "5.2"),
			is("purpose", "by which clause", Technical, "5.2", "5.3"),
			is("act", "act that is its ground", Technical, "5.3"),
			is("article", "article of it", Technical, "5.3"),
			is("letter_number", "number of the incoming letter", Technical, "5.3"),
			is("letter_date", "its date", Technical, "5.3"),
			is("letter_by", "number of the officer who attached it", Pseudonymous, "5.3"),
			is("letter_type", "what the file is", Technical, "5.3"),
			is("letter_size", "its length", Technical, "5.3"),
			is("letter_sha256", "its checksum", Technical, "5.3"),
			is("choice", "how many lines a list had, or codes of places, positions and kinds of work that describe people", Technical, "5.3"),
			is("fields", "which data", Technical, "5.3"),
			is("keep_days", "how long the package waits", Technical, "5.3"),
			is("silent", "article that forbids telling", Technical, "5.3"),
			is("unknown", "lines that nobody here belongs to", Technical, "5.3"),
			is("state", "how far it came", Technical, "5.3"),
			is("made_by", "number of the officer who wrote it", Pseudonymous, "5.3"),
			is("made_at", "when", Technical, "5.3"),
			is("sent_by", "number of the officer who asked a second one", Pseudonymous, "5.3"),
			is("sent_at", "when", Technical, "5.3"),
			is("decided_by", "number of the second officer", Pseudonymous, "5.3"),
			is("decided_at", "when", Technical, "5.3"),
			is("reason", "why it was refused or taken back, in an officer's words", Technical, "5.3"),
			is("looked", "people passed while choosing", Technical, "5.3"),
			is("looked_to", "number of the last", Pseudonymous, "5.3"),
			is("look_total", "of how many", Technical, "5.3"),
			is("unseen_blocked", "blocked people whom a query could not look at, counted", Technical, "6.2.4"),
			is("unseen_consent", "people who do not agree, counted", Technical, "2.2"),
			is("unseen_other", "others", Technical, "1.1.4"),
			is("chosen", "people found", Technical, "5.3"),
			is("parts", "parts of the package", Technical, "5.3"),
			is("parts_done", "of them made", Technical, "5.3"),
			is("ready_at", "when the package was ready", Technical, "5.3"),
			is("expires_at", "until when it waits", Technical, "5.3"),
			is("token", "keyed hash of the one-time address", Secret, "5.3", "5.4"),
			is("fetched_at", "receipt: when it was fetched", Technical, "5.3"),
			is("ended_at", "when it was taken back, or its package removed", Technical, "5.3"),
			is("told_to", "number of the last person for whom a letter was queued", Pseudonymous, "5.3"),
			is("told_at", "when the last letter was queued", Technical, "5.3"),
		),
		table("disclosure_letter", "Files of incoming letters, in pieces. They are the authority's own, and may name people; each opening is entered.", outward, "officers", endless).of(
			is("disclosure", "number of the disclosure", Technical, "5.3"),
			is("n", "which piece", Technical, "5.3"),
			is("body", "the piece, sealed under a key of the letter's own", Sealed, "5.3", "5.4"),
		),
		table("disclosure_ticket", "Lines of a list, until it is approved and they are looked up.", outward, nowhere, "until they are looked up, or the disclosure is refused").of(
			is("disclosure", "number of the disclosure", Technical, "5.3"),
			is("ticket", "keyed hash of an e-mail address or IIN", Pseudonymous, "5.3", "5.4"),
		),
		table("disclosure_subject", "Who is in a disclosure, and who was left out.", outward, viewers, endless).of(
			is("disclosure", "number of the disclosure", Technical, "5.3"),
			is("subject", "number of the person", Pseudonymous, "5.3", "5.5"),
			is("part", "in which part of the package", Technical, "5.3"),
			is("outcome", "included, or why not", Pseudonymous, "5.3", "6.2.4", "5.1", "2.2"),
			is("at", "when", Pseudonymous, "5.3"),
		),
		table("disclosure_part", "Parts of packages. Only the recipient can open them.", outward, "the recipient, once",
			"the days named in the disclosure; until anybody in it is erased").of(
			is("disclosure", "number of the disclosure", Technical, "5.3"),
			is("part", "which part", Technical, "5.3"),
			is("people", "how many people are in it", Technical, "5.3"),
			is("sha256", "checksum of the encrypted bytes", Technical, "5.3"),
			is("body", "the data named in the disclosure, encrypted to the recipient's key", Sealed, "5.2", "5.3", "5.4"),
		),
		table("statistics_release", "Counts for authorities.", outward, "officers; whoever they give them to", endless).of(
			is("id", "number of the release", Technical, "5.2"),
			is("made_by", "number of the officer who ordered it", Pseudonymous, "5.2"),
			is("made_at", "when", Technical, "5.2"),
			is("looked", "people passed", Technical, "5.2"),
			is("looked_to", "number of the last", Pseudonymous, "5.2"),
			is("look_total", "of how many", Technical, "5.2"),
			is("work", "exact counts while they are made", Technical, "5.2").goes(nowhere).until("until the release is done"),
			is("done_at", "when it was done", Technical, "5.2"),
			is("body", "what was published: counts in tens, small ones hidden", Technical, "5.2"),
		),
		table("statistics_base", "What the last release counted, exactly: the next is held against it.", outward, nowhere, "until the next release").of(
			is("block", "which table", Technical, "5.2"),
			is("counts", "counts by cell, exact", Technical, "5.2"),
		),
	}
}

// outwardLetters are those of disclosures.
func outwardLetters() []Group {
	to := func(name, about string, purposes []policy.Purpose) Group {
		return Group{Kind: Letters, Name: name, About: about, Purposes: purposes, Goes: "the address, through the operator's mail server",
			Kept: "not here: the queue holds its name until it has gone"}
	}
	return []Group{
		to("To the recipient of a disclosure", "The address of a state body, from the register; names no person.", none).of(
			is("disclosure.letter.ready", "one-time link to a package", Secret, "5.3")),
		to("To those who are in a disclosure", "Each has the address and the given name.", []policy.Purpose{policy.Notify}).of(
			is("disclosure.letter.told", "to whom their data went, which, on what ground", Clear, "5.2", "5.3")),
	}
}
