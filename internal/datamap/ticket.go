package datamap

import "ustaz/internal/policy"

// ticketTables are those of help.
func ticketTables() []Group {
	why, who := []policy.Purpose{policy.Support}, "the person; support"
	return []Group{
		table("ticket", "Tickets: help that was asked for.", why, who, withAccount).of(
			is("id", "number of the ticket", Pseudonymous, "4.1.7"),
			is("subject", "who asked", Pseudonymous, "4.1.7"),
			is("lang", "language of the page on which it was asked", Pseudonymous, "4.1.7"),
			is("topic", "what it is about, of a list", Pseudonymous, "4.1.7"),
			is("status", "whose turn it is", Pseudonymous, "4.1.7"),
			is("role", "who answers: support, the officer, an editor", Pseudonymous, "4.1.7"),
			is("staff", "who has taken it", StaffPublic, "4.1.7"),
			is("opened_at", "when it was opened", Pseudonymous, "4.1.7"),
			is("due_at", "the target for the first answer", Technical, "4.1.7"),
			is("turn_at", "since when it waits", Pseudonymous, "4.1.7"),
			is("answered_at", "when it was first answered", Pseudonymous, "4.1.7"),
			is("solved_at", "when it was solved", Pseudonymous, "4.1.7"),
		),
		table("ticket_step", "What happened in tickets.", why, who, withKey).of(
			is("id", "number of the step", Technical, "4.1.7"),
			is("ticket", "of which ticket", Pseudonymous, "4.1.7"),
			is("n", "its place", Technical, "4.1.7"),
			is("act", "what was done", Pseudonymous, "4.1.7"),
			is("actor", "by whom", Pseudonymous, "4.1.7"),
			is("at", "when", Pseudonymous, "4.1.7"),
			is("words", "words, answers and notes", Sealed, "4.1.7"),
		),
		table("ticket_file", "Files of tickets.", why, who, withKey).of(
			is("id", "number of the file", Technical, "4.1.7"),
			is("ticket", "of which ticket", Pseudonymous, "4.1.7"),
			is("step", "of which step", Technical, "4.1.7"),
			is("n", "its place", Technical, "4.1.7"),
			is("type", "kind of file", Pseudonymous, "4.1.7"),
			is("size", "bytes", Pseudonymous, "4.1.7"),
			is("name", "what its sender called it", Sealed, "4.1.7"),
		),
		table("ticket_chunk", "Pieces of files of tickets.", why, who, withKey).of(
			is("id", "number of the piece", Technical, "4.1.7"),
			is("file", "of which file", Technical, "4.1.7"),
			is("n", "its place", Technical, "4.1.7"),
			is("sealed", "the piece", Sealed, "4.1.7"),
		),
		table("ticket_canned", "What support answers often; nothing in it is about anybody.", why, "support; whom they send it to", "until support removes it").of(
			is("id", "number of the text", Technical, "4.1.7"),
			is("topic", "what it is about, of a list", Technical, "4.1.7"),
			is("title", "what support calls it", Technical, "4.1.7"),
			is("kk", "the text in Kazakh", Technical, "4.1.7"),
			is("ru", "the text in Russian", Technical, "4.1.7"),
			is("en", "the text in English", Technical, "4.1.7"),
			is("rev", "how often it was changed", Technical, "4.1.7"),
			is("staff", "who changed it last", StaffPublic, "4.1.7"),
			is("at", "when", Technical, "4.1.7"),
		),
	}
}
