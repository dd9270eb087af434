package site

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"ustaz/internal/web"
)

// mailboxPage shows the letters of a demonstration, so that it can be tried without a mail server.
type mailboxPage struct {
	Notice  web.Notice
	Letters []letterView
	Empty   web.Empty
}

type letterView struct {
	To, Subject, At string
	Lang            string
	Text            web.Text
}

// lettersAPage is how many are shown; older ones stay in their folder.
const lettersAPage = 50

func (s *publicPages) showMailbox(w http.ResponseWriter, r *web.Request) error {
	letters, err := s.Letters(r.Context(), lettersAPage)
	if err != nil {
		return err
	}
	p := mailboxPage{Notice: web.NewNotice(r.Lang, web.Warn, r.T("demo.mail.only"), web.Plain(r.T("demo.mail.only.text"))),
		Empty: web.Empty{Title: r.T("demo.mail.none"), Text: web.Plain(r.T("demo.mail.none.text"))}}
	for _, letter := range letters {
		p.Letters = append(p.Letters, letterView{To: letter.To, Subject: letter.Subject, At: r.Lang.DateTime(letter.At), Lang: letter.Lang, Text: s.ownLinks(letter.Text)})
	}
	w.Header().Set("Cache-Control", "no-store") // letters carry links that sign people in
	return s.mailbox.Send(w, r, web.Head{Title: r.T("demo.mail")}, p)
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+`)

// ownLinks makes links of the addresses of this site in a letter; those of others stay text.
func (s *publicPages) ownLinks(text string) web.Text {
	var out web.Text
	from := 0
	for _, at := range webAddress.FindAllStringIndex(text, -1) {
		address := strings.TrimRight(text[at[0]:at[1]], ".,;:!?)»”")
		u, err := url.Parse(address)
		if err != nil || u.Scheme != s.Public.Scheme || u.Host != s.Public.Host || u.User != nil {
			continue
		}
		out = append(out, web.Plain(text[from:at[0]])...)
		out = append(out, web.Run{Text: address, Href: "/" + strings.TrimLeft(u.RequestURI(), "/")}) // where the reader is, whatever name they know it by
		from = at[0] + len(address)
	}
	return append(out, web.Plain(text[from:])...)
}
