package site

import (
	"errors"
	"mime"
	"net/http"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// PathPackage is where the recipient of a disclosure fetches it (5.3). To look uses nothing up: scanners of mail follow links, and send no forms.
const PathPackage = "/{lang}/package/{token}"

// PackagePath is the address that a letter to the recipient holds.
func PackagePath(lang string, token secret.Text) string {
	return web.Path(lang, PathPackage, "token", token.Reveal())
}

// packageTime is what a slow line has for a package.
const packageTime = 30 * time.Minute

func (a *accountPages) showPackage(w http.ResponseWriter, r *web.Request) error {
	d, err := a.Disclosures.Waiting(r.Context(), tokenOf(r))
	if errs.Is(err, errs.Gone) {
		return a.sendFailure(w, r, err)
	}
	if err != nil {
		return err
	}
	return a.sendMessage(w, r, messagePage{Title: r.T("disclosure.fetch.title"),
		Lead:  web.Plain(r.T("disclosure.fetch.lead", i18n.Str("recipient", d.Recipient.Name(r.Lang.Code())), i18n.Str("letter", d.LetterNumber), i18n.Day("date", d.LetterDay()))),
		Notes: []web.Text{web.Plain(r.T("disclosure.fetch.how")), web.Plain(r.T("disclosure.fetch.until", i18n.Day("until", d.ExpiresAt)))},
		Post:  &web.Post{Action: PackagePath(r.Lang.Code(), tokenOf(r)), Button: web.Button{Text: r.T("disclosure.fetch.act"), Style: web.Primary}}})
}

func (a *accountPages) sendPackage(w http.ResponseWriter, r *web.Request) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	p, err := a.Disclosures.Fetch(r.Context(), tokenOf(r))
	if errs.Is(err, errs.Gone) || errs.Is(err, errs.Conflict) {
		return a.sendFailure(w, r, err)
	}
	if err != nil {
		return err
	}
	if err := http.NewResponseController(w).SetWriteDeadline(r.Now.Add(packageTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/x-tar")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.Name()}))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return p.Write(w)
}
