package quiz

// Said gives what a answers to q in words, one a part: Markdown of one line where q has it, of Match and Order with a sign between the sides. yes and no are the
// words for a statement that is true or false. It is empty where nothing was answered; a file is known by its name.
func (q Question) Said(a Answer, yes, no string) []string {
	if !a.Answered() || q.Check(a) != nil {
		return nil
	}
	var out []string
	for _, i := range a.Chosen {
		out = append(out, q.Options[i].Text)
	}
	if a.Truth != nil && *a.Truth {
		out = append(out, yes)
	} else if a.Truth != nil {
		out = append(out, no)
	}
	rights := q.Rights()
	for i, right := range a.Matched {
		if right >= 0 {
			out = append(out, q.Pairs[i].Left+" → "+rights[right])
		}
	}
	for _, item := range a.Order {
		if item >= 0 {
			out = append(out, q.Items[item])
		}
	}
	for i, text := range a.Gaps {
		if at, chosen := index(text, len(q.Gaps[i].Options)); chosen {
			text = q.Gaps[i].Options[at]
		}
		out = append(out, text)
	}
	for _, text := range []string{a.Text, a.File} {
		if text != "" {
			out = append(out, text)
		}
	}
	return out
}
