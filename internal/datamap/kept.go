package datamap

import "ustaz/internal/policy"

// keptTables are those of what people made public and permitted, of terms, and of paper.
func keptTables() []Group {
	return []Group{
		table("publication", "What people made public themselves.", []policy.Purpose{policy.MadePublic}, anybody, outlives).of(
			is("id", "number of the publication", Technical, "7.2"),
			is("subject", "whose it is", Pseudonymous, "7.2").goes(viewers),
			is("slug", "last part of the page's address", Public, "7.2"),
			is("fields", "which fields were chosen", Public, "7.2"),
			is("started_at", "since when", Public, "7.2"),
			is("ended_at", "until when", Pseudonymous, "7.2").goes(viewers),
			is("ended_by", "who ended it: the person, the officer, an erasure", Pseudonymous, "7.2").goes(viewers),
		),
		table("certificate", "Certificates of courses. An erasure leaves what everybody may check, and nothing of whose it was.", []policy.Purpose{policy.Personalise, policy.MadePublic}, owner, outlives).of(
			is("id", "number of the row", Technical, "4.1.2"),
			is("number", "number of the certificate", Public, "4.1.2").goes("who was given it"),
			is("subject", "whose it is", Pseudonymous, "4.1.2").until(withAccount),
			is("course", "of which course", Public, "4.1.2").goes("whoever has the number"),
			is("titles", "title of the course by language, as it was", Public, "4.1.2").goes("whoever has the number"),
			is("hours", "academic hours", Public, "4.1.2").goes("whoever has the number"),
			is("earned_at", "when the course was finished", Public, "4.1.2").goes("whoever has the number"),
			is("issued_at", "when this certificate was made", Public, "4.1.2").goes("whoever has the number"),
			is("public_since", "since when the name is shown to whoever has the number", Pseudonymous, "7.2").until(withAccount),
			is("revoked_at", "when it was revoked", Public, "4.1.5").goes("whoever has the number"),
			is("reason", "which of a list of reasons that has", Pseudonymous, "4.1.5").goes(viewers),
			is("replaced_by", "by which it was replaced", Pseudonymous, "6.1.2"),
			is("surname", "surname as it stands on it", Sealed, "3.2.1", "4.1.2", "7.2").goes("the person; whoever has the code, or the number where the person made it public; an entry each time").until(withKey),
			is("given_name", "given name as it stands on it", Sealed, "3.2.1", "4.1.2", "7.2").goes("the person; whoever has the code, or the number where the person made it public; an entry each time").until(withKey),
			is("code", "code that opens the name", Sealed, "4.1.2", "7.2").until(withKey),
			is("code_hash", "keyed hash of the code", Secret, "7.2", "5.4").goes(nowhere).until(withAccount),
		),
		table("certificate_step", "What happened to certificates.", []policy.Purpose{policy.Personalise, policy.MadePublic, policy.Verify}, viewers, outlives).of(
			is("certificate", "to which", Technical, "4.1.2"),
			is("n", "which step of it", Technical, "4.1.2"),
			is("act", "issued, made public, closed, revoked, restored, replaced", Pseudonymous, "4.1.2", "7.2"),
			is("at", "when", Pseudonymous, "7.2"),
			is("kind", "whether the person, staff or the program did it", Pseudonymous, "7.2"),
			is("made_by", "number of the member of staff", Pseudonymous, "4.1.5"),
			is("reason", "which of a list of reasons", Pseudonymous, "4.1.5"),
		),
		table("permission", "What people permitted in writing.", []policy.Purpose{policy.Permitted}, viewers, outlives).of(
			is("id", "number of the permission", Technical, "6.2.2"),
			is("subject", "who gave it", Pseudonymous, "6.2.2"),
			is("receiver", "organisation that the data may go to", Pseudonymous, "6.2.2"),
			is("fields", "which fields", Pseudonymous, "6.2.2"),
			is("signed", "on the site or on paper", Pseudonymous, "6.2.2"),
			is("text", "what was signed", Sealed, "6.2.2").until(withKey),
			is("given_at", "when", Pseudonymous, "6.2.2"),
			is("until_at", "until when it is good", Pseudonymous, "6.2.2"),
			is("ended_at", "when it was taken back", Pseudonymous, "6.2.2"),
		),
		table("retention", "For how long each category is kept.", knowing, "officers", asProgram).of(
			is("category", "which category", Technical, "5.1"),
			is("months", "months; 0 is without end", Technical, "5.1"),
			is("basis", "by which order or article", Technical, "5.1"),
			is("changed_at", "when the line was changed", Technical, "5.1"),
			is("changed_by", "number of the officer who changed it", Pseudonymous, "5.1"),
		),
		table("retention_act", "What was destroyed when its time was over.", ending, "officers", endless).of(
			is("id", "number of the act", Technical, "5.1"),
			is("category", "which category", Technical, "5.1"),
			is("months", "the term then", Technical, "5.1"),
			is("at", "when", Technical, "5.1"),
			is("people", "how many people", Technical, "5.1"),
		),
		table("carrier", "The register of paper carriers. It names nobody whom they concern.", knowing, "officers", endless).of(
			is("id", "number of the carrier", Technical, "1.1.2"),
			is("what", "what it is", Technical, "1.1.2"),
			is("place", "where it lies", Technical, "1.1.2"),
			is("sheets", "how many sheets", Technical, "1.1.2"),
			is("made_at", "since when it is kept", Technical, "1.1.2"),
			is("made_by", "number of the officer who entered it", Pseudonymous, "1.1.2"),
			is("ended_at", "when it ended", Technical, "1.1.2"),
			is("ended_how", "how: destroyed, handed over", Technical, "1.1.2"),
		),
	}
}
