package notify

import (
	"bytes"

	mail "github.com/wneessen/go-mail"
)

// mime makes a message of Internet format (RFC 5322) with the text first and the HTML beside it (RFC 2046, 5.1.4). Its headers are a
// closed list: no X-Mailer, nothing to track by, and the signs that keep machines from answering (RFC 3834).
func (m *Message) mime() (*mail.Msg, error) {
	out := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := out.From(m.From); err != nil {
		return nil, fault("the sender's mailbox can't be read")
	}
	if err := out.To(m.To.Reveal()); err != nil {
		return nil, fault("an address that was checked can't be read") // the cause would hold it
	}
	out.Subject(m.Subject)
	out.SetDateWithValue(m.Date)
	out.SetMessageIDWithValue(m.ID)
	out.SetGenHeader(mail.HeaderContentLang, m.Lang)
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	out.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	if !m.Stop.Empty() { // one POST to it, without signing in (RFC 8058)
		out.SetGenHeader(mail.HeaderListUnsubscribe, "<"+m.Stop.Reveal()+">")
		out.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	out.SetBodyString(mail.TypeTextPlain, m.Text.Reveal())
	out.AddAlternativeString(mail.TypeTextHTML, m.HTML.Reveal())
	return out, nil
}

func (m *Message) bytes() ([]byte, error) {
	out, err := m.mime()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := out.WriteTo(&b); err != nil {
		return nil, fault("a letter can't be encoded")
	}
	return b.Bytes(), nil
}
