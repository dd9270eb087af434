package datamap

import "ustaz/internal/policy"

// Files the operator brings are part of the map too: the program reads them.
func files() []Group {
	file := func(name, about string, goes, kept string) Group {
		return Group{Kind: Files, Name: name, About: about, Purposes: none, Goes: goes, Kept: kept}
	}
	return []Group{
		file("Data folder", "By default `data`, mode 0700; with PostgreSQL the database is elsewhere and holds the same tables.", nowhere, asProgram).of(
			is("ustaz.db", "the tables above", Sealed, "3.1", "5.4").serves(policy.Purposes...),
			is("ustaz.db-wal", "the tables' newest pages", Sealed, "3.1", "5.4").serves(policy.Purposes...).until("until the database takes them over"),
			is("ustaz.db-shm", "index of the newest pages", Technical, "5.4").until("while the program runs"),
			is("mail/*.eml", "letters while no mail server is set: address, given name, text, and the link, which opens something", Clear, "4.1.6", "4.1.1").
				serves(policy.Identify, policy.Notify).goes("the operator of the machine; in the demonstration a page of the site").until("until the person is erased, or the operator removes them"),
			is("demo.txt", "sign-ins of invented people", Secret, "4.1.1").goes("the operator of the machine").until("until the demonstration is removed"),
		),
		file("Key folder", "By default `data-keys`, mode 0700, apart from the data and from their backup.", nowhere, asProgram).of(
			is("keyset.json", "key-encryption keys", Secret, "3.1", "5.1", "5.4"),
			is("index.key", "key of look-ups and other keyed hashes, pepper of passwords", Secret, "3.1", "5.4"),
			is("ledger.key", "key that signs the log", Secret, "5.4"),
			is("ledger.checkpoint", "the last checkpoint, kept away from the database", Public, "5.4").goes(anybody).until("until the next one"),
		),
		file("Brought by the operator", "Named in the settings; the program reads them and writes none.", nowhere, "the operator decides").of(
			is("ustaz.toml", "settings: the operator's name, BIN, addresses, responsible person; no secret", Technical, "1.1.1").goes("what names the operator: everybody"),
			is("mail password", "password of the mail server", Secret, "4.1.6"),
			is("certificate", "certificate chain of the site", Public, "5.4").goes(anybody),
			is("certificate key", "its private key", Secret, "5.4"),
		),
	}
}

// logLines are JSON records on standard error. Their attributes are closed types, codes, or errors, which hold no personal value.
func logLines() []Group {
	line := func(message, about string) Group {
		return Group{Kind: Logs, Name: message, About: about, Purposes: none, Goes: "the operator of the machine, by standard error", Kept: "the operator decides"}
	}
	fault := is("error", "kind, message key and cause of a fault of ours, without a value", Technical, "3.4", "5.4")
	kind := is("kind", "kind of the error, or of the job", Technical, "5.4")
	key := is("key", "message key of the error", Technical, "5.4")
	status := is("status", "what was answered", Technical, "3.3", "5.4")
	took := is("took", "how long it took", Technical, "5.4")
	job := is("job", "number of the job", Technical, "5.4")
	return []Group{
		line("request", "One for each request of a page.").of(
			is("method", "method of the request", Technical, "3.3"),
			is("route", "pattern of the page, never its address", Technical, "3.3"),
			status, took,
			is("ref", "random word that the reader of an error page can tell us", Technical, "4.1.7"),
			is("lang", "language of the page", Technical, "3.3"),
			kind, key, fault,
			is("viewer", "why it is not known who asks: a fault of ours", Technical, "5.4"),
			is("cookie_refused", "whether a cookie was held back that is not in the table", Technical, "1.1.6"),
		),
		line("error page", "An error page that could not be made.").of(is("ref", "as above", Technical, "4.1.7"), fault),
		line("http server", "What the HTTP server complains of, addresses taken out.").of(is("fault", "its words", Technical, "3.3.2", "5.4")),
		line("play", "A fault of ours at the address of packages.").of(is("route", "pattern of the address", Technical, "3.3"), kind, fault),
		line("api", "One for each request of an outside system.").of(
			is("route", "pattern of the route", Technical, "3.3"), status, took,
			is("system", "number of the outside system", Technical, "1.1.1"), kind,
			is("reference", "random word that the answer names", Technical, "4.1.7"), key, fault,
		),
		line("authn_login_fail", "A sign-in that failed, for the operator's watch over guessing (ASVS 16.3.1).").of(
			is("subject", "number of the person whose account was tried", Pseudonymous, "5.4", "4.1.4").serves(policy.Locate)),
		line("job failed", "A job that will be tried again, or was given up.").of(job, kind, is("tries", "how often it was tried", Technical, "5.4"), fault),
		line("job not settled; it will run again", "A job whose end could not be written.").of(job, kind, fault),
		line("jobs: the database fails", "The queue can't reach the database.").of(fault),
		line("upkeep", "A task beside the requests that failed.").of(is("task", "name of the task", Technical, "5.4"), kind, fault),
	}
}

func letters() []Group {
	about := func(name, about string, purposes ...policy.Purpose) Group {
		return Group{Kind: Letters, Name: name, About: about + " Each has the address and, where it is the subject's own, the given name; nothing else about the person.",
			Purposes: purposes, Goes: "the address, through the operator's mail server", Kept: "not here: the queue holds its name until it has gone"}
	}
	letter := func(name, tells string, clauses ...string) Item { return is(name, tells, Clear, clauses...) }
	return []Group{
		about("Who somebody is", "Registration, sign-in, recovery, change of address.", policy.Identify).of(
			letter("letter.confirm", "link that confirms a registration", "3.2.2", "4.1.1"),
			letter("letter.already", "somebody tried to register an address that is registered", "4.1.1", "5.5"),
			letter("account.letter.invited", "link that confirms an address which an outside system gave, and sets the first password", "3.2.2", "4.1.1"),
			letter("letter.recover", "link that sets a new password", "4.1.1"),
			letter("letter.recover-done", "a password was set by a link", "4.1.1", "5.5"),
			letter("letter.password-changed", "the password was changed", "4.1.1", "5.5"),
			letter("letter.email-new", "link that confirms a new address; goes to that address", "3.2.2"),
			letter("letter.email-old", "a change of address was asked for; goes to the old address", "3.2.2", "5.5"),
			letter("account.letter.email-changed", "the address was changed; goes to the old address", "3.2.2", "5.5"),
			letter("account.letter.email-taken", "somebody wanted an address that is another account's; goes to its owner", "3.2.2", "5.5"),
			letter("letter.session-new", "sign-in from a browser that was not known", "4.1.4", "5.5"),
			letter("letter.second-factor-set", "a second factor was set", "4.1.1", "5.5"),
			letter("account.letter.factor-off", "the second factor was removed", "4.1.1", "5.5"),
			letter("account.letter.factor-reset", "the second factor was taken away by an administrator or the operator", "4.1.1", "5.5"),
			letter("account.letter.factor-switched-off", "the second factor was switched off after too many wrong codes", "4.1.1", "5.5"),
			letter("account.letter.recovery-code", "a recovery code was used", "4.1.1", "5.5"),
			letter("account.letter.switched-off", "the password was switched off after too many wrong ones", "4.1.1", "5.5"),
		),
		about("What happened", "The policy and the wish to be deleted.", policy.Notify, policy.Identify).of(
			letter("letter.edition", "a new edition of the policy", "9.2"),
		),
	}
}
