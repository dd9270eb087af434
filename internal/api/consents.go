package api

import (
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
	return c.once(p, http.StatusCreated, func(t *keeper.Tx) error { return a.Consents.Record(t, given) })
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
