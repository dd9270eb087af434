package api

import (
	"errors"
	"net/http"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/policy"
)

// answerToPolicy is what a person said to an edition, as a system tells it.
type answerToPolicy struct {
	edition, lang, channel string
	act                    consent.Act
	actName                string
}

// channels are the ways of an answer that a system can vouch for.
var channels = []consent.Channel{consent.BySystem, consent.OnPaper}

var acts = []consent.Act{consent.Agreed, consent.Declined, consent.Withdrawn}

func (s *answerToPolicy) read(d *document) error {
	return d.object(func(d *document, name string) (err error) {
		switch {
		case name == "edition":
			s.edition, err = d.text()
		case name == "lang":
			s.lang, err = d.text()
		case name == "channel":
			s.channel, err = d.text()
		case name == "act" && !s.act.Valid(): // who registers has agreed
			s.actName, err = d.text()
		default:
			return d.unknown()
		}
		return err
	})
}

// given checks the answer and the edition that it is about.
func (s *answerToPolicy) given(a *api) (consent.Given, error) {
	var channel consent.Channel
	for _, one := range channels {
		if one.String() == s.channel {
			channel = one
		}
	}
	for _, one := range acts {
		if one.String() == s.actName {
			s.act = one
		}
	}
	var faults []errs.Field
	if !channel.Valid() {
		faults = append(faults, errs.Field{Name: "/consent/channel", Key: "api.consent.channel"})
	}
	if !s.act.Valid() {
		faults = append(faults, errs.Field{Name: "/consent/act", Key: "api.consent.act"})
	}
	if err := errs.InvalidFields(faults); err != nil {
		return consent.Given{}, err
	}
	if s.act != consent.Withdrawn {
		return a.Consents.Shown(s.edition, s.lang, channel, s.act)
	}
	// A withdrawal is about the edition that was agreed to, which may no longer be in force.
	all, err := a.Editions.All()
	if err != nil {
		return consent.Given{}, err
	}
	for _, ed := range all {
		if ed.Hash == s.edition {
			return consent.Given{Edition: ed.Seq, Hash: ed.Hash, Lang: s.lang, Channel: channel, Act: s.act}, nil
		}
	}
	return consent.Given{}, errs.InvalidFields([]errs.Field{{Name: "/consent/edition", Key: "api.consent.edition"}})
}

// consent records what a person answered to the policy (2.1, 2.2, 5.1).
func (a *api) consent(c *call) error {
	id, err := c.subject()
	if err != nil {
		return err
	}
	var in asked
	var said *answerToPolicy
	err = c.object(func(d *document, name string) error {
		if name == "consent" {
			said = &answerToPolicy{}
			return said.read(d)
		}
		return in.member(d, name)
	})
	if err != nil {
		return err
	}
	if said == nil {
		return errs.InvalidFields([]errs.Field{{Name: "/consent", Key: "api.required"}})
	}
	p, err := c.passage(&in, id, policy.Recording)
	if err != nil {
		return err
	}
	given, err := said.given(a)
	if err != nil {
		return err
	}
	err = c.once(p, http.StatusCreated, func(t *keeper.Tx) error {
		if err := a.hinders(t, given); err != nil {
			return err
		}
		return a.Consents.Record(t, given)
	})
	if why := (*hindrance)(nil); errors.As(err, &why) {
		return a.Systems.Refuse(c.ctx, &c.system, &p, why.err)
	}
	return err
}

// hindrance is why a system may not record an answer; its entry is made after what was begun is rolled back.
type hindrance struct{ err *errs.Error }

func (h *hindrance) Error() string { return h.err.Error() }
func (h *hindrance) Unwrap() error { return h.err }

// hinders is a hindrance where a system may not record an answer. It may pass on that somebody declines or withdraws. That they agree it may say
// of those who have no account to say it with (2.1), and never against what they said before (2.2).
func (a *api) hinders(t *keeper.Tx, g consent.Given) error {
	if g.Act != consent.Agreed {
		return nil
	}
	own, err := a.Accounts.Owns(t.Tx, t.Subject())
	switch {
	case err != nil:
		return err
	case own:
		return &hindrance{errs.New(errs.Forbidden, "api.consent.own").By("2.1")}
	case t.State().Consent == policy.ConsentDeclined, t.State().Consent == policy.ConsentWithdrawn:
		return &hindrance{errs.New(errs.Forbidden, "api.consent.final").By("2.2")}
	}
	return nil
}

type consentShown struct {
	Edition string    `json:"edition"`
	Lang    string    `json:"lang"`
	Channel string    `json:"channel"`
	Act     string    `json:"act"`
	At      time.Time `json:"at"`
}

// consents lists what a person answered, newest first.
func (a *api) consents(c *call) error {
	id, err := c.subject()
	if err != nil {
		return err
	}
	p, err := c.queryPassage(id)
	if err != nil {
		return err
	}
	r, err := a.Keeper.Read(c.ctx, p)
	if err != nil {
		return err
	}
	list, err := a.Consents.List(c.ctx, id)
	if err != nil {
		return err
	}
	out := struct {
		Subject  string         `json:"subject"`
		Entry    int64          `json:"entry"`
		Consents []consentShown `json:"consents"`
	}{id.String(), r.Entry, make([]consentShown, len(list))}
	for i, g := range list {
		out.Consents[i] = consentShown{Edition: g.Hash, Lang: g.Lang, Channel: g.Channel.String(), Act: g.Act.String(), At: g.At}
	}
	return c.answer(http.StatusOK, out)
}
