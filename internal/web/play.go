package web

import (
	"encoding/json"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// Player shows a lesson that is a package in a frame, {{template "player" .}}; its page loads play.js and names the frame's origin in Head.Frames.
type Player struct {
	words
	Title string // of the lesson, for those who listen
	Lang  string // of the title
	Alone bool
	Given string // JSON, see PlayerGiven
	Saves Saves
}

// PlayerGiven is what the script of a Player knows.
type PlayerGiven struct {
	Src    string `json:"src"`    // of the frame
	Origin string `json:"origin"` // from which it speaks; "null" of one that has none
	Ticket string `json:"ticket"` // by which both sides know each other
	Commit string `json:"commit"` // where what it tells is kept; "" keeps nothing
	Alone  bool   `json:"alone"`  // the frame learns what it needs by its name, having no page of ours around it
	Open   any    `json:"open"`   // what the package is told
}

// NewPlayer makes a Player of a lesson whose title is in the language lang.
func NewPlayer(l i18n.Lang, lang, title string, given PlayerGiven) (*Player, error) {
	text, err := json.Marshal(given)
	if err != nil {
		return nil, errs.New(errs.Internal, "error.internal") // the cause could hold a value
	}
	return &Player{words: words{l}, Title: title, Lang: lang, Alone: given.Alone, Given: string(text), Saves: Saves{Waits: l.T("scorm.saving"), Fails: l.T("scorm.unsaved")}}, nil
}
