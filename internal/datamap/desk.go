package datamap

import "ustaz/internal/policy"

// deskTables are those of the rights desk and of the tables by which its clocks count.
func deskTables() []Group {
	rights := []policy.Purpose{policy.Feedback, policy.Restriction, policy.EndOfUse}
	parties := "the parties of the case; the officer"
	return []Group{
		table("desk_count", "Numbers of cases, by years.", none, nowhere, endless).of(
			is("year", "which year", Technical, "8.1"),
			is("n", "the last number given", Technical, "8.1"),
		),
		table("desk_case", "Applications to block, requests, claims and questions.", rights, parties, outlives).of(
			is("id", "number of the case, for the program", Technical, "8.1"),
			is("kind", "what it is about", Pseudonymous, "6.2.4", "5.1", "8.1", "9.3"),
			is("number", "number of the case, for people", Pseudonymous, "8.1"),
			is("concerned", "whom it concerns", Pseudonymous, "6.2.4", "8.1"),
			is("applicant", "who filed it", Pseudonymous, "6.2.4", "8.1"),
			is("source", "the person, a visitor, a representative, the authority, on paper", Pseudonymous, "6.2.4", "8.1"),
			is("lang", "language in which it was filed", Pseudonymous, "4.1.3"),
			is("opened_at", "when it was filed", Pseudonymous, "8.2"),
			is("clock", "which clock runs", Technical, "8.2"),
			is("term_n", "its term, as it stood then", Technical, "8.2"),
			is("term_unit", "what the term is counted in", Technical, "8.2"),
			is("due_at", "the last moment for the answer; never moves", Technical, "8.2"),
			is("doubted", "codes of the fields that are said to be wrong", Pseudonymous, "6.2.4"),
			is("blocks", "whether it holds the data blocked", Pseudonymous, "6.2.4"),
			is("proof_due", "until when a representative must be proven", Pseudonymous, "6.2.4"),
			is("proved_at", "when they were", Pseudonymous, "6.2.4"),
			is("erase_at", "when the planned erasure begins", Pseudonymous, "5.1"),
			is("status", "open or closed", Pseudonymous, "8.2"),
			is("outcome", "how it ended", Pseudonymous, "6.2.4", "8.2"),
			is("article", "on which a refusal stands", Pseudonymous, "8.2"),
			is("closed_at", "when it ended", Pseudonymous, "8.2"),
			is("order_of", "the authority whose order it is", Pseudonymous, "6.2.4"),
			is("order_number", "number of its order", Pseudonymous, "6.2.4"),
			is("order_date", "date of its order", Pseudonymous, "6.2.4"),
			is("received", "the day on which paper came", Pseudonymous, "8.2"),
			is("warned", "which warning went to the officer", Technical, "8.2").goes(nowhere),
		),
		table("desk_party", "Who may read a case.", rights, nowhere, withAccount).of(
			is("subject", "number of the person", Pseudonymous, "8.1"),
			is("case_id", "number of the case", Pseudonymous, "8.1"),
		),
		table("desk_step", "What happened in a case.", rights, parties, outlives).of(
			is("case_id", "number of the case", Pseudonymous, "8.1"),
			is("n", "place of the step", Technical, "8.1"),
			is("act", "what was done", Pseudonymous, "6.2.4", "8.2"),
			is("actor_kind", "whether the person, staff or the program", Pseudonymous, "6.2.4"),
			is("actor", "number of who did it", Pseudonymous, "6.2.4"),
			is("at", "when", Pseudonymous, "8.2"),
		),
		table("desk_words", "What is written in a case, once for each who may read it.", rights, parties, withKey).of(
			is("reader", "under whose key it is sealed", Pseudonymous, "4.1.3"),
			is("case_id", "number of the case", Pseudonymous, "4.1.3"),
			is("n", "place of the step", Technical, "4.1.3"),
			is("sealed", "the words", Sealed, "4.1.3", "6.2.4", "8.1", "9.3"),
		),
		table("desk_file", "Files of cases.", rights, parties, withKey).of(
			is("id", "number of the file", Technical, "8.1"),
			is("case_id", "number of the case", Pseudonymous, "8.1"),
			is("owner", "under whose key it is sealed", Pseudonymous, "4.1.3"),
			is("n", "place of the step", Technical, "8.1"),
			is("type", "kind of file", Pseudonymous, "8.1"),
			is("size", "bytes", Pseudonymous, "8.1"),
			is("chunks", "pieces", Technical, "8.1"),
			is("name", "what its sender called it", Sealed, "4.1.3", "8.1"),
			is("at", "when it came", Pseudonymous, "8.1"),
		),
		table("desk_chunk", "Pieces of files of cases.", rights, parties, withKey).of(
			is("file", "number of the file", Technical, "8.1"),
			is("n", "place of the piece", Technical, "8.1"),
			is("sealed", "the piece", Sealed, "4.1.3", "8.1"),
		),
		table("desk_link", "Links by which people without an account follow their case.", rights, nowhere, "thirty days, or until erasure").of(
			is("hash", "keyed hash of the link", Secret, "8.1", "5.4"),
			is("subject", "whose it is", Pseudonymous, "8.1"),
			is("case_id", "number of the case", Pseudonymous, "8.1"),
			is("expires_at", "until when it opens", Technical, "5.4"),
		),
		table("desk_erasure", "The register of erasures.", ending, "whoever has the code of the certificate; the officer", outlives).of(
			is("hash", "keyed hash of the certificate's code", Secret, "5.1"),
			is("number", "number of the case", Pseudonymous, "5.1"),
			is("subject", "number of who was erased", Pseudonymous, "5.1").goes(nowhere),
			is("case_id", "number of the case, for the program", Technical, "5.1").goes(nowhere),
			is("at", "when", Pseudonymous, "5.1"),
		),
		table("clock_term", "Terms, as the officer edited them.", knowing, "the officer; the terms of a case also its parties", asProgram).of(
			is("code", "which term", Technical, "8.2"),
			is("n", "how many", Technical, "8.2"),
			is("unit", "of what", Technical, "8.2"),
			is("basis", "clause or article", Technical, "8.2"),
			is("edition", "which edition of it was read", Technical, "8.2"),
			is("changed_at", "when it was edited", StaffPublic, "8.2").goes("the officer"),
			is("changed_by", "by whom", StaffPublic, "8.2").goes("the officer"),
		),
		table("clock_day", "Days that were decreed off, or working.", knowing, "the officer", asProgram).of(
			is("day", "the day", Technical, "8.4"),
			is("kind", "off or working", Technical, "8.4"),
			is("changed_at", "when it was entered", StaffPublic, "8.4"),
			is("changed_by", "by whom", StaffPublic, "8.4"),
		),
	}
}

// deskLetters are those about cases. They name number, kind and last day; what was written is read behind the link alone.
func deskLetters() []Group {
	group := func(name, about string, purposes ...policy.Purpose) Group {
		return Group{Kind: Letters, Name: name, About: about, Purposes: purposes, Goes: "the address, through the operator's mail server",
			Kept: "not here: the queue holds its name until it has gone"}
	}
	return []Group{
		group("About a case, to its parties", "Each has the address, the given name, number, kind and last day of the case, and a link to it.",
			policy.Feedback, policy.Restriction, policy.EndOfUse).of(
			is("desk.letter.filed", "a case was filed", Clear, "8.1"),
			is("desk.letter.wrote", "the officer wrote", Clear, "4.1.3"),
			is("desk.letter.answered", "the answer is there", Clear, "8.2"),
			is("desk.letter.step", "the case moved on", Clear, "6.2.4"),
			is("desk.letter.blocked", "somebody else applied to block the reader's data", Clear, "6.2.4", "5.5"),
		),
		group("About a case, to staff", "Each has the address and the given name of a member of staff; of the case number, kind and last day.", policy.Notify).of(
			is("desk.letter.new", "a case was filed", Clear, "8.2"),
			is("desk.letter.reply", "a party wrote", Clear, "8.2"),
			is("desk.letter.warning", "a term runs out in ten, five or one day", Clear, "8.2"),
			is("desk.letter.late", "a term ran out; goes to the head too", Clear, "8.2"),
		),
		group("About a breach", "Each has the address, the given name, number and kind of the breach and its day.", policy.Notify).of(
			is("breach.letter.people", "the reader's data were concerned", Clear, "5.5", "7.1"),
			is("breach.letter.drill", "a drill; to the officers", Clear, "7.1"),
		),
		group("About a ticket", "Each has the address, the given name and a link to the ticket; no word of the answer.", policy.Support).of(
			is("ticket.letter.answered", "support has answered", Clear, "4.1.7"),
		),
		group("About a certificate", "Each has the address, the given name, number and course of the certificate and a reason of a list; those that may be stopped have the address that stops them.", policy.Notify).of(
			is("certificate.letter.issued", "it was issued", Clear, "4.1.6"),
			is("certificate.letter.revoked", "it was revoked", Clear, "4.1.6"),
			is("certificate.letter.restored", "a revocation was taken back", Clear, "4.1.6"),
			is("enrol.letter.offered", "a seat in a course fell free", Clear, "4.1.6"),
			is("enrol.letter.accepted", "an application to a course was accepted", Clear, "4.1.6"),
			is("enrol.letter.waits", "it was accepted, and no seat was left", Clear, "4.1.6"),
			is("enrol.letter.refused", "it was refused", Clear, "4.1.6"),
		),
		group("About courses, and the daily letter", "Each has the address, the given name, and an address that stops such letters.", policy.Notify).of(
			is("notice.letter.graded", "a person graded a test; the title of its course", Clear, "4.1.6"),
			is("notice.digest", "headings of the notices that were not read, with links", Clear, "4.1.6"),
		),
		group("About an assignment", "Each has the address, the given name and the title of the course; nothing of what was handed in or said of it.", policy.Notify).of(
			is("task.letter.passed", "work was accepted", Clear, "4.1.6"),
			is("task.letter.returned", "work was looked at and returned", Clear, "4.1.6"),
		),
	}
}
