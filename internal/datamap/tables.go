package datamap

import "ustaz/internal/policy"

// Where things go.
const (
	nowhere = "nowhere"
	owner   = "the person concerned"
	byRules = "the person; staff and outside systems as the rules allow, an entry each time"
	viewers = "the person; the officer"
	anybody = "everybody"
	admins  = "staff who manage staff and settings"
)

// How long things stay.
const (
	endless     = "without end (5.1)"
	withKey     = "until erasure destroys the key"
	withAccount = "until erasure"
	outlives    = "without end: it outlives the account, as proof"
	asLog       = "without end, as the log"
	asProgram   = "as long as the installation"
)

var (
	study   = []policy.Purpose{policy.Identify, policy.Personalise, policy.Feedback, policy.Locate, policy.Verify, policy.Notify, policy.Support}
	knowing = []policy.Purpose{policy.Identify}
	signing = []policy.Purpose{policy.Identify, policy.Locate}
	ending  = []policy.Purpose{policy.EndOfUse}
	none    = []policy.Purpose{}
)

func table(name, about string, purposes []policy.Purpose, goes, kept string) Group {
	return Group{Kind: Table, Name: name, About: about, Purposes: purposes, Goes: goes, Kept: kept}
}

func doorTables() []Group {
	return []Group{
		table("subject", "A person, with an account or without (1.1.7).", study, byRules, outlives).of(
			is("id", "random number of the person", Pseudonymous, "1.1.7"),
			is("consent", "where they stand towards the policy", Pseudonymous, "2.1", "2.2"),
			is("restricted", "whether their data are blocked", Pseudonymous, "6.2.4").serves(policy.Restriction),
			is("erased", "whether their key was destroyed", Pseudonymous, "5.1").serves(policy.EndOfUse),
			is("wrapped", "their key, wrapped by the key-encryption key", Secret, "3.1", "5.1", "5.4").goes(nowhere).until(withKey),
			is("cells", "the values of 3.2 and the secret of the second factor, each sealed; beside each its field, version, when and by whom it was set",
				Sealed, "3.2", "3.2.1", "3.2.2", "3.2.3", "3.2.4", "3.2.5", "3.2.6", "3.2.7", "3.2.8", "2.4", "4.1.1").until(withKey),
			is("created_at", "when the person came into the database", Pseudonymous, "1.1.7"),
		),
		table("subject_past", "Values of the profile that were replaced or removed; of others that were removed the version alone, so that none is given twice.", []policy.Purpose{policy.Personalise, policy.Verify}, viewers, "until the person has them destroyed, or erasure").of(
			is("subject", "whose value it was", Pseudonymous, "1.1.7"),
			is("field", "which field it is of", Pseudonymous, "3.2"),
			is("version", "which of the field's values, counted from 1", Technical, "6.1.2"),
			is("set_at", "when it was set", Pseudonymous, "2.4", "6.1.2"),
			is("set_kind", "whether the person, staff, a system or the program set it", Pseudonymous, "2.4"),
			is("set_by", "who of them set it", Pseudonymous, "2.4"),
			is("ended_at", "when it was replaced or removed", Pseudonymous, "2.4", "6.1.2"),
			is("ended_kind", "whether the person, staff, a system or the program did that", Pseudonymous, "2.4"),
			is("ended_by", "who of them did", Pseudonymous, "2.4"),
			is("sealed", "the value, sealed", Sealed, "6.1.2", "3.2").until(withKey),
		),
		table("blind_index", "Look-ups by e-mail, telephone and IIN without the value.", []policy.Purpose{policy.Identify, policy.Support}, nowhere, withAccount).of(
			is("ix", "keyed hash of field and value", Pseudonymous, "3.2.2", "3.2.3", "3.2.4", "5.4"),
			is("slot", "tells apart those who share a telephone", Technical, "3.2.4"),
			is("subject", "whose value it is", Pseudonymous, "1.1.7"),
		),
		table("ledger_head", "The newest state of the log.", none, anybody, asLog).of(
			is("id", "always 1", Technical, "5.4").goes(nowhere),
			is("size", "number of entries", Public, "5.4"),
			is("checkpoint", "signed root of the tree", Public, "5.4"),
			is("indexed", "how far the index by subject has come", Technical, "5.4").goes(nowhere),
		),
		table("ledger_segment", "The entries of the log, by batches.", study, viewers, asLog).of(
			is("first", "number of the first entry", Technical, "5.4"),
			is("count", "how many entries", Technical, "5.4"),
			is("entries", "each with 16 random bytes: moment, numbers of actor and subject, role, operation, purpose, field codes, outcome, clauses, case; never a value",
				Pseudonymous, "1.1.3", "1.1.4", "6.2.1", "5.5").serves(policy.Purposes...),
		),
		table("ledger_tile", "The tree over the log.", none, anybody, asLog).of(
			is("place", "level and number of a tile", Public, "5.4"),
			is("root", "hash over the tile", Public, "5.4"),
			is("hashes", "hashes of salted commitments, which say nothing without the salt", Public, "5.4"),
		),
		table("ledger_checkpoint", "Checkpoints of the past.", none, anybody, asLog).of(
			is("size", "number of entries", Public, "5.4"),
			is("note", "signed root of the tree", Public, "5.4"),
			is("at", "when it was kept", Public, "5.4"),
		),
		table("ledger_by_subject", "Index of the log by person.", study, viewers, asLog).of(
			is("subject", "number of the person", Pseudonymous, "1.1.7", "5.5"),
			is("entry", "number of the entry", Pseudonymous, "5.5"),
		),
		table("ledger_refusal", "Index of what was refused.", study, "the officer", asLog).of(
			is("entry", "number of the entry", Pseudonymous, "6.2.1"),
		),
		table("brake", "Whom each member of staff opened in an hour, and what each actor asked for in vain.", study, "the officer, as numbers", "two days").of(
			is("actor", "number of the member of staff, system or subject", Pseudonymous, "5.4"),
			is("hour", "which hour", Pseudonymous, "5.4"),
			is("subject", "number of the person who was read; a keyed hash of what was asked for in vain", Pseudonymous, "5.4"),
		),
		table("edition", "Published editions of the policy.", none, anybody, endless).of(
			is("seq", "number of the edition", Public, "9.1"),
			is("hash", "SHA-256 of text and rules", Public, "2.1", "9.4"),
			is("in_force", "from when it rules", Public, "9.2"),
			is("published_at", "when it was placed on the site", Public, "9.2"),
			is("body", "text in each language, and the rules", Public, "9.4"),
		),
		table("job", "Work that was queued with the change that causes it.", []policy.Purpose{policy.Identify, policy.Notify}, nowhere,
			"until it is done; failed work until it is dealt with").of(
			is("id", "number of the job", Technical, "4.1.6"),
			is("kind", "what is to be done", Technical, "4.1.6"),
			is("payload", "numbers of subjects, names of letters, of courses and of certificates, keyed tickets; no value and no token", Pseudonymous, "4.1.1", "4.1.6"),
			is("run_at", "when it is due", Technical, "4.1.6"),
			is("tries", "how often it was tried", Technical, "4.1.6"),
			is("reason", "message key of the last fault, and its arguments, such as a mail server's code", Technical, "4.1.6"),
			is("failed_at", "when it was given up", Technical, "4.1.6"),
		),
		table("limit_bucket", "Attempts that were counted.", signing, nowhere, "until everything spent has come back, and an hour").of(
			is("key", "keyed hash of a rule and of the network, address or system that is counted", Pseudonymous, "5.4"),
			is("tat", "moment at which everything spent will have come back", Pseudonymous, "5.4"),
		),
		table("setting", "Settings that are kept in the database.", none, admins, asProgram).of(
			is("name", "name of the setting", Technical, "1.1.1"),
			is("value", "its value", Technical, "1.1.1"),
		),
		table("schema_step", "Steps of the schema that this database has seen.", none, nowhere, asProgram).of(
			is("step", "number of the step", Technical, "5.4"),
			is("name", "name of its file", Technical, "5.4"),
		),
	}
}

func accountTables() []Group {
	return []Group{
		table("consent", "What people answered to the policy.", knowing, viewers, outlives).of(
			is("subject", "who answered", Pseudonymous, "2.1"),
			is("n", "which of their answers", Pseudonymous, "2.1"),
			is("edition", "number of the edition", Pseudonymous, "2.1", "9.2"),
			is("hash", "hash of the edition as it was shown", Pseudonymous, "2.1"),
			is("lang", "language in which it was shown", Pseudonymous, "2.1"),
			is("channel", "form, outside system, paper, program", Pseudonymous, "2.1"),
			is("act", "agreed, declined, withdrew", Pseudonymous, "2.1", "2.2"),
			is("at", "when", Pseudonymous, "2.1"),
		),
		table("account", "What lets somebody sign in.", knowing, nowhere, "until erasure; a day if the address is not confirmed").of(
			is("subject", "whose account", Pseudonymous, "4.1.1"),
			is("status", "waiting for confirmation, invited, active, closed", Pseudonymous, "4.1.1").goes(owner),
			is("staff", "whether the rules of staff hold", Pseudonymous, "1.1.1"),
			is("lang", "language of letters", Pseudonymous, "4.1.6").goes(owner).serves(policy.Identify, policy.Notify),
			is("phc", "Argon2id hash of the password, with a pepper", Secret, "4.1.1", "5.4"),
			is("factor", "whether a second factor is set", Pseudonymous, "4.1.1", "5.5").goes(owner),
			is("step", "time step of the last code that was used", Pseudonymous, "4.1.1"),
			is("created_at", "when it was registered", Pseudonymous, "4.1.1").goes(owner),
			is("confirmed_at", "when the address was confirmed", Pseudonymous, "3.2.2").goes(owner),
			is("recovered_at", "when the password was last set by a link", Pseudonymous, "4.1.1", "5.5"),
			is("used_at", "when somebody last signed in", Pseudonymous, "5.1"),
		),
		table("account_attempt", "Failures at sign-in.", signing, nowhere,
			"until the right answer or erasure; 30 days where nobody has the address").of(
			is("key", "keyed hash of what was tried, on whom, from which known browser", Pseudonymous, "5.4"),
			is("kind", "password, code, recovery code", Pseudonymous, "5.4"),
			is("subject", "whose account; 0 where nobody has the address", Pseudonymous, "5.4"),
			is("failures", "how many in a row", Pseudonymous, "5.4"),
			is("wait_until", "until when nothing is tried", Pseudonymous, "5.4"),
			is("at", "when the last was", Pseudonymous, "5.4"),
		),
		table("account_link", "Links that stand in letters.", knowing, nowhere, "an hour for a new password, a day for the others; until erasure").of(
			is("hash", "keyed hash of the link's token", Secret, "4.1.1", "5.4"),
			is("subject", "whose account", Pseudonymous, "4.1.1"),
			is("about", "which change of address it belongs to", Technical, "3.2.2"),
			is("expires_at", "until when it is good", Pseudonymous, "4.1.1"),
			is("used_at", "when it was used", Pseudonymous, "4.1.1"),
		),
		table("account_recovery_code", "Codes that stand in for a lost second factor.", knowing, nowhere, "until new ones are made, or erasure").of(
			is("subject", "whose codes", Pseudonymous, "4.1.1"),
			is("hash", "keyed hash of a code", Secret, "4.1.1", "5.5"),
			is("used_at", "when it was used", Pseudonymous, "4.1.1"),
		),
		table("account_new_email", "An address that waits to be confirmed.", []policy.Purpose{policy.Identify, policy.Verify}, owner,
			"until it is confirmed, a day at most").of(
			is("subject", "who wants it", Pseudonymous, "3.2.2"),
			is("serial", "random number of the wish", Technical, "3.2.2"),
			is("email", "the new address", Sealed, "3.2.2"),
			is("asked_at", "when it was asked for", Pseudonymous, "3.2.2"),
		),
		table("account_old_email", "The address before a change, for the letter that tells of it.", knowing, owner, "until the letter has gone").of(
			is("subject", "whose address it was", Pseudonymous, "3.2.2"),
			is("serial", "random number of the change", Technical, "3.2.2"),
			is("email", "the old address", Sealed, "3.2.2"),
		),
		table("session", "Who is signed in, and where.", signing, owner, "12 hours for staff, a day for others, 30 days if remembered; until sign-out or erasure").of(
			is("hash", "SHA-256 of the cookie's token", Secret, "4.1.1", "5.4").goes(nowhere),
			is("id", "number by which the list of sessions names it", Pseudonymous, "5.5"),
			is("subject", "who is signed in", Pseudonymous, "4.1.1"),
			is("level", "what it was opened with", Pseudonymous, "4.1.1"),
			is("remembered", "whether the browser is remembered", Pseudonymous, "4.1.1"),
			is("created_at", "when it began", Pseudonymous, "3.3"),
			is("seen_at", "when it was last used, to the minute", Pseudonymous, "3.3"),
			is("proved_at", "when presence was last proven", Pseudonymous, "4.1.1"),
			is("code_at", "when a code of the second factor was last given", Pseudonymous, "4.1.1"),
			is("device", "browser family and system", Sealed, "3.3", "3.4", "5.5"),
			is("address", "IP address", Sealed, "3.3.2", "4.1.4"),
		),
	}
}

func otherTables() []Group {
	return []Group{
		table("declaration", "When the profile was declared true.", []policy.Purpose{policy.Verify}, owner, withAccount).of(
			is("subject", "who declared", Pseudonymous, "2.4"),
			is("declared_at", "when", Pseudonymous, "2.4", "4.1.5", "6.1.2"),
		),
		table("classifier", "The national classifier of places, if it was imported.", none, anybody, "until the next import").of(
			is("id", "always 1", Technical, "3.2.5"),
			is("imported_at", "when", Public, "3.2.5"),
			is("places", "how many places", Public, "3.2.5"),
			is("body", "the places with their names", Public, "3.2.5"),
		),
		table("outside_system", "Systems that come in through the API.", none, admins, outlives).of(
			is("id", "number by which entries name it", Technical, "1.1.1"),
			is("name", "name of the system, not of a person", Technical, "1.1.1"),
			is("roles", "what it may act as", Technical, "6.2.1"),
			is("purposes", "what it may come for", Technical, "6.2.1"),
			is("token", "keyed hash of its token", Secret, "5.4").goes(nowhere),
			is("created_at", "when it was entered", Technical, "1.1.1"),
			is("expires_at", "until when its token is good", Technical, "5.4"),
			is("last_used", "the day it last came", Technical, "5.4"),
			is("revoked_at", "when it was shut out", Technical, "5.4"),
		),
		table("api_done", "Changes that systems asked for, so that none is made twice.", study, "the system that asked", "a day").of(
			is("system", "which system", Technical, "5.4"),
			is("key", "keyed hash of the request's key", Technical, "5.4"),
			is("request", "keyed hash of the request", Pseudonymous, "5.4"),
			is("status", "what was answered", Technical, "5.4"),
			is("subject", "whom it concerned", Pseudonymous, "1.1.7"),
			is("operation", "what was done", Pseudonymous, "1.1.3"),
			is("at", "when", Pseudonymous, "5.4"),
			is("nth", "which of several at one moment", Technical, "5.4"),
		),
		table("course", "Courses. Nothing in them is about a person.", none, anybody, "until it is removed").of(
			is("slug", "its address", Public, "4.1.2"),
			is("demo", "whether it belongs to the demonstration", Public, "4.1.2"),
			is("hours", "academic hours", Public, "4.1.2"),
			is("words", "title and summary by language", Public, "4.1.2"),
			is("body", "text by language", Public, "4.1.2"),
			is("created_at", "when it was put in", Public, "4.1.2"),
			is("hidden", "whether it is offered to nobody new", Public, "4.1.2"),
			is("version", "how often it was published", Public, "4.1.2"),
			is("subject", "its subject", Public, "4.1.2"),
			is("level", "the step of the ladder that it is meant for", Public, "4.1.2"),
			is("langs", "the languages it is written in", Public, "4.1.2"),
			is("entry", "how people come to take part: way, seats, dates, what is needed first", Public, "4.1.2"),
			is("front", "whom it is meant for, and its picture", Public, "4.1.2"),
			is("way", "the way of these", Public, "4.1.2"),
			is("closes_at", "when nobody begins it any more", Public, "4.1.2"),
		),
		table("lesson", "Lessons of courses. Nothing in them is about a person.", none, anybody, "until the course is removed").of(
			is("id", "number of the lesson", Public, "4.1.2"),
			is("course", "which course it belongs to", Public, "4.1.2"),
			is("place", "which of the course's lessons it is", Public, "4.1.2"),
			is("minutes", "how long it takes", Public, "4.1.2"),
			is("words", "title by language", Public, "4.1.2"),
			is("body", "text by language", Public, "4.1.2"),
			is("kind", "a text, a test, an assignment or a package", Public, "4.1.2"),
			is("test", "how a test is taken", Public, "4.1.2"),
			is("task", "what is handed in for an assignment, and how it is judged", Public, "4.1.2"),
			is("package", "which package it is, and how that begins", Public, "4.1.2"),
		),
		table("course_term", "Words of courses by which they are found. Nothing in them is about a person.", none, anybody, "until the course is removed").of(
			is("course", "which course", Public, "4.1.2"),
			is("term", "a word of its texts, or a stem", Public, "4.1.2"),
			is("field", "in the title, the summary, a lesson's title or the text", Public, "4.1.2"),
			is("count", "how often", Public, "4.1.2"),
		),
		table("stamp", "How often things that seldom change were changed, so that they are remembered meanwhile. Nothing in it is about a person.", none, anybody, "for as long as the site is there").of(
			is("name", "courses with their files", Technical, "4.1.2"),
			is("n", "how often they were changed", Technical, "4.1.2"),
		),
		table("question", "Questions of courses' tests. Nothing in them is about a person.", none, "editors, and who takes the test", "until the course is removed").of(
			is("id", "number of the question", Technical, "4.1.2"),
			is("rev", "which of its published texts", Technical, "4.1.2"),
			is("course", "which course it belongs to", Technical, "4.1.2"),
			is("live", "whether it can be drawn now", Technical, "4.1.2"),
			is("topic", "under which it is drawn", Technical, "4.1.2"),
			is("points", "what it counts", Technical, "4.1.2"),
			is("body", "text by language", Technical, "4.1.2"),
		),
		table("course_draft", "Courses that are being written.", knowing, "editors", "until the course is removed").of(
			is("course", "its address", Technical, "4.1.2"),
			is("demo", "whether it belongs to the demonstration", Technical, "4.1.2"),
			is("begun_by", "number of the member of staff who began it", Pseudonymous, "4.1.2"),
			is("begun_at", "when", Pseudonymous, "4.1.2"),
			is("changed_by", "number of the member of staff who changed it last", Pseudonymous, "4.1.2"),
			is("changed_at", "when", Pseudonymous, "4.1.2"),
			is("changes", "how many changes there were", Technical, "4.1.2"),
			is("published", "how many there were when it was published", Technical, "4.1.2"),
		),
		table("course_part", "What a course that is being written says now, part by part.", none, "editors", "until the course is removed").of(
			is("course", "which course", Technical, "4.1.2"),
			is("part", "what it is about, the order of lessons, a lesson or a question", Technical, "4.1.2"),
			is("rev", "how often it was changed", Technical, "4.1.2"),
			is("step", "which of its steps holds", Technical, "4.1.2"),
			is("last", "which is the last", Technical, "4.1.2"),
			is("body", "the part's texts and settings", Technical, "4.1.2"),
		),
		table("course_step", "What a part of a course said before, so that a change can be taken back.", knowing, "editors", "fifty changes").of(
			is("course", "which course", Technical, "4.1.2"),
			is("part", "which part", Technical, "4.1.2"),
			is("n", "which step", Technical, "4.1.2"),
			is("auto", "whether it was saved while its author typed", Technical, "4.1.2"),
			is("made_by", "number of the member of staff who wrote it", Pseudonymous, "4.1.2"),
			is("made_at", "when", Pseudonymous, "4.1.2"),
			is("body", "the part's texts and settings", Technical, "4.1.2"),
		),
		table("course_version", "Courses as they were published.", knowing, "editors", "until the course is removed").of(
			is("course", "which course", Technical, "4.1.2"),
			is("seq", "which publication", Technical, "4.1.2"),
			is("made_by", "number of the member of staff who published it", Pseudonymous, "4.1.2"),
			is("made_at", "when", Pseudonymous, "4.1.2"),
			is("note", "what is new, in an editor's words", Technical, "4.1.2"),
			is("body", "the course", Technical, "4.1.2"),
		),
		table("media", "Files of courses: pictures, video, sound, captions, documents. Nothing in them is about a person.", none, anybody, "until it is removed, or replaced by one of the same name").of(
			is("id", "number of the file", Technical, "4.1.2").goes(nowhere),
			is("token", "its address, which can't be guessed", Public, "4.1.2"),
			is("course", "which course it belongs to", Public, "4.1.2"),
			is("name", "its name", Public, "4.1.2"),
			is("type", "what it is", Public, "4.1.2"),
			is("size", "its bytes", Public, "4.1.2"),
			is("width", "of a picture, in pixels", Public, "4.1.2"),
			is("height", "of a picture, in pixels", Public, "4.1.2"),
			is("sha256", "hash of what is in it", Public, "4.1.2"),
			is("made_by", "number of the member of staff who brought it", Pseudonymous, "1.1.1").goes("staff who write courses").serves(policy.Identify),
			is("made_at", "when it came", Public, "4.1.2"),
			is("state", "whether it arrives, is there, or was taken away", Technical, "4.1.2").goes(nowhere),
		),
		table("media_piece", "What is in those files, by pieces. Of pictures where and when they were taken is left out.", none, anybody, "with the file; of a broken upload, hours").of(
			is("media", "number of the file", Technical, "4.1.2").goes(nowhere),
			is("n", "which piece of it", Technical, "4.1.2").goes(nowhere),
			is("bytes", "the piece", Public, "4.1.2"),
		),
		table("bundle", "Packages of courses: files that belong together, under one address. Nothing in them is about a person.", none, anybody, "until it is removed").of(
			is("id", "number of the package", Technical, "4.1.2").goes(nowhere),
			is("token", "its address, which can't be guessed", Public, "4.1.2"),
			is("course", "which course it belongs to", Public, "4.1.2"),
			is("title", "what it calls itself", Public, "4.1.2"),
			is("files", "how many files it has", Public, "4.1.2"),
			is("size", "their bytes", Public, "4.1.2"),
			is("made_by", "number of the member of staff who brought it", Pseudonymous, "1.1.1").goes("staff who write courses").serves(policy.Identify),
			is("made_at", "when it came", Public, "4.1.2"),
			is("state", "whether it arrives, is there, or was taken away", Technical, "4.1.2").goes(nowhere),
		),
		table("bundle_file", "The files of packages.", none, anybody, "with the package").of(
			is("id", "number of the file", Technical, "4.1.2").goes(nowhere),
			is("bundle", "in which package", Technical, "4.1.2").goes(nowhere),
			is("path", "its path there", Public, "4.1.2"),
			is("type", "what it is", Public, "4.1.2"),
			is("size", "its bytes", Public, "4.1.2"),
			is("sha256", "hash of what is in it", Public, "4.1.2"),
		),
		table("course_report", "What became of the package that a course was last taken over from.", knowing, "editors", "until the next package, or the course is removed").of(
			is("course", "which course", Technical, "4.1.2"),
			is("kind", "what the package was", Technical, "4.1.2"),
			is("made_by", "number of the member of staff who took it over", Pseudonymous, "4.1.2"),
			is("made_at", "when", Pseudonymous, "4.1.2"),
			is("body", "what was taken over, changed and left out", Technical, "4.1.2"),
		),
		table("study", "Who takes part in which course, and what they have done in it.", []policy.Purpose{policy.Personalise}, owner, withAccount).of(
			is("id", "number of the part", Pseudonymous, "4.1.2"),
			is("subject", "who takes part", Pseudonymous, "1.1.7"),
			is("course", "in which course", Pseudonymous, "4.1.2"),
			is("begun_at", "since when", Pseudonymous, "4.1.2"),
			is("finished_at", "when every lesson had been read", Pseudonymous, "4.1.2"),
			is("sealed", "which lessons were read, and when", Sealed, "4.1.2").until(withKey),
		),
		table("course_code", "The code by which a course is entered, as a keyed hash.", knowing, "nobody", "until the next code").of(
			is("course", "which course", Technical, "4.1.2"),
			is("hash", "keyed hash of the code", Secret, "4.1.2").goes(nowhere),
			is("made_by", "number of the member of staff who made it", Pseudonymous, "4.1.2"),
			is("made_at", "when", Pseudonymous, "4.1.2"),
		),
		table("course_group", "Groups of courses, and who leads them.", knowing, anybody, "until it is removed").of(
			is("id", "number of the group", Technical, "4.1.2"),
			is("course", "of which course", Technical, "4.1.2"),
			is("name", "its name, which names no person", Public, "4.1.2"),
			is("tutor", "number of the member of staff who leads it", Pseudonymous, "4.1.2"),
			is("starts_at", "its first day", Public, "4.1.2"),
			is("ends_at", "its last day", Public, "4.1.2"),
			is("seats", "how many it takes", Public, "4.1.2"),
		),
		table("enrolment", "Where somebody stands towards a course: takes part, is kept a seat, waits, has applied, was refused.", []policy.Purpose{policy.Personalise, policy.Feedback}, "the person; of an application who decides it; of a group its tutor", withAccount).of(
			is("id", "number of the enrolment, and of the application", Pseudonymous, "4.1.2"),
			is("subject", "whose it is", Pseudonymous, "1.1.7"),
			is("course", "of which course", Pseudonymous, "4.1.2"),
			is("grp", "in which group", Pseudonymous, "4.1.2"),
			is("state", "how they stand", Pseudonymous, "4.1.2"),
			is("since", "since when", Pseudonymous, "4.1.2"),
			is("ends_at", "until when a seat is kept", Pseudonymous, "4.1.2"),
			is("sealed", "what they wrote to apply, and what of their profile they let go along", Sealed, "4.1.3").until(withKey),
			is("reason", "what they were answered", Sealed, "4.1.3").until(withKey),
		),
		table("suggestion", "Courses that were found for somebody, with the reasons, and that they want none.", []policy.Purpose{policy.Personalise}, owner, withAccount).of(
			is("subject", "whose it is", Pseudonymous, "1.1.7"),
			is("off", "whether they want none", Pseudonymous, "4.1.2"),
			is("made_at", "when they were found", Pseudonymous, "4.1.2"),
			is("basis", "what stood in courses then, as a hash, and how many the person had finished", Pseudonymous, "4.1.2"),
			is("list", "courses with reasons, and which fields the profile lacks", Sealed, "4.1.2").until(withKey),
			is("hidden", "courses that they put away", Sealed, "4.1.2").until(withKey),
		),
		table("attempt", "Attempts at tests of courses.", []policy.Purpose{policy.Personalise}, owner, withAccount).of(
			is("id", "number of the attempt", Pseudonymous, "4.1.2"),
			is("subject", "whose it is", Pseudonymous, "1.1.7"),
			is("course", "of which course", Pseudonymous, "4.1.2"),
			is("lesson", "which test", Pseudonymous, "4.1.2"),
			is("n", "which of their attempts at it", Pseudonymous, "4.1.2"),
			is("begun_at", "when it was begun", Pseudonymous, "4.1.2"),
			is("ends_at", "until when answers are taken", Pseudonymous, "4.1.2"),
			is("ended_at", "when it was handed in, or its time was up", Pseudonymous, "4.1.2"),
			is("state", "running, over, waiting for a person's grade", Pseudonymous, "4.1.2"),
			is("sealed", "what was asked, and what came of it", Sealed, "4.1.2").until(withKey),
		),
		table("attempt_answer", "Answers in attempts at tests, one row a question.", []policy.Purpose{policy.Personalise}, owner, withAccount).of(
			is("attempt", "in which attempt", Pseudonymous, "4.1.2"),
			is("place", "to which of its questions", Pseudonymous, "4.1.2"),
			is("saved_at", "when it was given last", Pseudonymous, "4.1.2"),
			is("sealed", "the answer", Sealed, "4.1.2").until(withKey),
		),
		table("scorm_attempt", "Attempts at packages of courses.", []policy.Purpose{policy.Personalise}, owner, withAccount).of(
			is("id", "number of the attempt", Pseudonymous, "4.1.2"),
			is("subject", "whose it is", Pseudonymous, "1.1.7"),
			is("course", "of which course", Pseudonymous, "4.1.2"),
			is("lesson", "which lesson", Pseudonymous, "4.1.2"),
			is("n", "which of their attempts at it", Pseudonymous, "4.1.2"),
			is("begun_at", "when it was begun", Pseudonymous, "4.1.2"),
			is("changed_at", "when the package told something last", Pseudonymous, "4.1.2"),
			is("state", "open or done", Pseudonymous, "4.1.2"),
			is("sealed", "what the package told: where they stand, its notes, score and time", Sealed, "4.1.2").until(withKey),
		),
		table("submission", "What people hand in for assignments of courses, one row a try.", []policy.Purpose{policy.Personalise}, owner, withAccount).of(
			is("id", "number of the try", Pseudonymous, "4.1.2"),
			is("subject", "whose it is", Pseudonymous, "1.1.7"),
			is("course", "of which course", Pseudonymous, "4.1.2"),
			is("lesson", "which assignment", Pseudonymous, "4.1.2"),
			is("n", "which of their tries", Pseudonymous, "4.1.2"),
			is("state", "being written, handed in, returned, passed", Pseudonymous, "4.1.2"),
			is("rev", "how often it was changed", Technical, "4.1.2"),
			is("begun_at", "when it was begun", Pseudonymous, "4.1.2"),
			is("changed_at", "when it was changed last", Pseudonymous, "4.1.2"),
			is("due_at", "when it is due", Pseudonymous, "4.1.2"),
			is("handed_at", "when it was handed in", Pseudonymous, "4.1.2"),
			is("seen_at", "when somebody first looked at it", Pseudonymous, "4.1.2"),
			is("ended_at", "when it was judged", Pseudonymous, "4.1.2"),
			is("sealed", "what was written, under which rules it was handed in, and what was said of it", Sealed, "4.1.2").until(withKey),
		),
		table("attached", "Files that people hand in, with assignments and in tests.", []policy.Purpose{policy.Personalise}, owner, withAccount).of(
			is("id", "number of the file", Pseudonymous, "4.1.2"),
			is("subject", "whose it is; 0 once it was taken away", Pseudonymous, "1.1.7"),
			is("course", "in which course", Pseudonymous, "4.1.2"),
			is("work", "with which submission, or in which attempt at a test", Pseudonymous, "4.1.2"),
			is("place", "to which question of the test", Pseudonymous, "4.1.2"),
			is("type", "what it is", Pseudonymous, "4.1.2"),
			is("size", "its size", Pseudonymous, "4.1.2"),
			is("pieces", "in how many pieces it lies", Technical, "4.1.2"),
			is("state", "arriving, there, taken away", Technical, "4.1.2"),
			is("at", "when its last piece came", Pseudonymous, "4.1.2"),
			is("name", "its name", Sealed, "4.1.2").until(withKey),
		),
		table("attached_piece", "The contents of those files, in pieces; of what was taken away they are removed within the hour.", []policy.Purpose{policy.Personalise}, owner, withAccount).of(
			is("file", "of which file", Pseudonymous, "4.1.2"),
			is("n", "which piece", Technical, "4.1.2"),
			is("sealed", "the piece", Sealed, "4.1.2").until(withKey),
		),
		table("question_stat", "How questions of tests went: sums over attempts, of which none can be told apart; shown of ten or more.", none, "editors", "until the course is removed").of(
			is("question", "which question", Technical, "4.1.2"),
			is("rev", "which of its texts", Technical, "4.1.2"),
			is("n", "how many attempts", Technical, "4.1.2"),
			is("sum", "sum of the shares won", Technical, "4.1.2"),
			is("squares", "sum of their squares", Technical, "4.1.2"),
			is("rest", "sum of the shares won in the rest of each attempt", Technical, "4.1.2"),
			is("rest_squares", "sum of their squares", Technical, "4.1.2"),
			is("products", "sum of the products of both", Technical, "4.1.2"),
		),
		table("staff", "Members of staff: named people with roles.", knowing, admins, outlives).of(
			is("subject", "number of the member", Pseudonymous, "1.1.1"),
			is("roles", "what they may act as", StaffPublic, "1.1.1").goes("those whose data they read; staff who manage staff"),
			is("initials", "first letters of their names", StaffPublic, "1.1.1", "5.5").goes("those whose data they read; staff who manage staff"),
			is("disabled", "whether they still act", Pseudonymous, "1.1.1"),
			is("since", "when they joined", Pseudonymous, "1.1.1"),
			is("managed", "whether they ever managed staff", Pseudonymous, "1.1.1"),
		),
		table("staff_invite", "One-time links for new staff.", knowing, admins, "three days").of(
			is("hash", "keyed hash of the link's token", Secret, "1.1.1", "5.4").goes(nowhere),
			is("id", "number by which the list of links names it", Technical, "1.1.1"),
			is("roles", "roles that it gives", Technical, "1.1.1"),
			is("made_by", "number of the member who invited", Pseudonymous, "1.1.1"),
			is("first", "whether it is for the first member of staff", Technical, "1.1.1"),
			is("expires_at", "until when it is good", Technical, "1.1.1"),
			is("used_by", "number of who accepted", Pseudonymous, "1.1.1"),
		),
		table("staff_grant", "Roles that wait for a second administrator.", knowing, admins, "until they are approved or withdrawn; seven days").of(
			is("id", "number of the grant", Technical, "1.1.1"),
			is("subject", "who is to have them", Pseudonymous, "1.1.1"),
			is("initials", "first letters of their names", StaffPublic, "1.1.1", "5.5"),
			is("roles", "roles that wait", Technical, "1.1.1"),
			is("made_by", "number of the member who gave them", Pseudonymous, "1.1.1"),
			is("made_at", "when", Technical, "1.1.1"),
			is("expires_at", "until when they wait", Technical, "1.1.1"),
		),
		table("ledger_check", "How the officer's last readings of the whole log ended.", knowing, "the officer", "the last fifty").of(
			is("started_at", "when it began", Technical, "5.4"),
			is("ended_at", "when it ended", Technical, "5.4"),
			is("made_by", "number of the member who began it", Pseudonymous, "5.4"),
			is("entries", "entries read", Technical, "5.4"),
			is("tiles", "stored hashes compared", Technical, "5.4"),
			is("root", "root of the tree", Technical, "5.4"),
			is("anchor", "size of the checkpoint kept apart", Technical, "5.4"),
			is("faults", "what was found, and where", Technical, "5.4"),
			is("failure", "message key of what kept it from ending", Technical, "5.4"),
		),
		table("edition_letter", "How far the letters about an edition are queued.", []policy.Purpose{policy.Notify}, nowhere, endless).of(
			is("edition", "number of the edition", Public, "9.2"),
			is("reached", "number of the last person for whom one was queued", Pseudonymous, "9.1", "9.2"),
			is("done_at", "when the last was queued", Technical, "9.2"),
		),
		table("policy_draft", "Drafts of the policy.", none, "officers", endless).of(
			is("id", "number of the draft", Technical, "9.1"),
			is("base", "number of the edition that it began from", Technical, "9.1"),
			is("state", "being changed, submitted, published, withdrawn", Technical, "9.1"),
			is("steps", "how many steps it has", Technical, "9.1"),
			is("edition", "number of the edition that it became", Technical, "9.1", "9.2"),
		),
		table("policy_draft_step", "Each change of a draft, and how it ended.", knowing, "officers", endless).of(
			is("draft", "number of the draft", Technical, "9.1"),
			is("n", "which step of it", Technical, "9.1"),
			is("act", "what was done", Technical, "9.1"),
			is("part", "which document, the rules or the order", Technical, "9.1"),
			is("place", "which clause, or which step was taken back", Technical, "9.1"),
			is("reason", "why a draft was sent back or withdrawn, in an officer's words", Technical, "9.1"),
			is("made_by", "number of the member of staff who did it", Pseudonymous, "9.1"),
			is("made_at", "when", Pseudonymous, "9.1"),
			is("undone_by", "number of the step that took it back", Technical, "9.1"),
			is("body", "text that the step left: of a document, the rules or the order", Technical, "9.1"),
			is("found", "what an import found and repaired", Technical, "9.1"),
		),
		table("demo_subject", "Who was invented for the demonstration.", knowing, nowhere, "until the demonstration is removed").of(
			is("subject", "number of somebody who does not exist", Technical, "1.1.7"),
		),
	}
}
