package scorm

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"ustaz/internal/errs"
)

func TestACommitIsRead(t *testing.T) {
	got, err := ParseCommit([]byte(`{"ticket":"5","seq":2,"cmi":{"status":"incomplete","success":"unknown","location":"3-бет","exit":"suspend","suspend":"а\nб","time":"PT1H2M3.45S","progress":"0.5",
		"score":{"raw":"-7.50","min":"-10","max":"10","scaled":"0.125"},"objectives":[{"id":"m1","status":"completed","success":"passed","score":{"raw":"1"}}]}}`))
	want := Commit{"5", 2, CMI{"incomplete", "unknown", "3-бет", "suspend", "а\nб", "PT1H2M3.45S", "0.5", Score{"-7.50", "-10", "10", "0.125"}, []Objective{{"m1", "completed", "passed", Score{Raw: "1"}}}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestCommitsThatAreNone(t *testing.T) {
	with := func(cmi string) string { return `{"ticket":"1","seq":1,"cmi":` + cmi + `}` }
	for name, tc := range map[string]struct {
		body string
		kind errs.Kind
	}{
		"nothing":              {``, errs.Invalid},
		"no object":            {`[]`, errs.Invalid},
		"half":                 {`{"ticket":"1","seq":1`, errs.Invalid},
		"two":                  {with(`{}`) + with(`{}`), errs.Invalid},
		"no order":             {`{"ticket":"1","cmi":{}}`, errs.Invalid},
		"a name too many":      {with(`{"student_name":"x"}`), errs.Invalid},
		"a status of its own":  {with(`{"status":"great"}`), errs.Invalid},
		"a success of its own": {with(`{"success":"completed"}`), errs.Invalid},
		"an exit of its own":   {with(`{"exit":"never"}`), errs.Invalid},
		"a number as such":     {with(`{"score":{"raw":5}}`), errs.Invalid},
		"a score of words":     {with(`{"score":{"raw":"five"}}`), errs.Invalid},
		"a score of no end":    {with(`{"score":{"raw":"1e9"}}`), errs.Invalid},
		"no number":            {with(`{"score":{"raw":"NaN"}}`), errs.Invalid},
		"more than all":        {with(`{"score":{"scaled":"1.01"}}`), errs.Invalid},
		"progress beyond":      {with(`{"progress":"-0.1"}`), errs.Invalid},
		"a time of words":      {with(`{"time":"long"}`), errs.Invalid},
		"a long place":         {with(`{"location":"` + strings.Repeat("ә", 1001) + `"}`), errs.Invalid},
		"an odd objective":     {with(`{"objectives":[{"id":"a","status":"odd"}]}`), errs.Invalid},
		"many objectives":      {with(`{"objectives":[` + strings.TrimSuffix(strings.Repeat(`{"id":"a"},`, 101), ",") + `]}`), errs.Invalid},
		"long notes":           {with(`{"suspend":"` + strings.Repeat("a", 64_001) + `"}`), errs.TooLarge},
		"much":                 {with(`{"suspend":"` + strings.Repeat("a", MaxBody) + `"}`), errs.TooLarge},
		"no letters":           {with("{\"suspend\":\"\xff\"}"), errs.Invalid},
	} {
		if _, err := ParseCommit([]byte(tc.body)); !errs.Is(err, tc.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := ParseCommit([]byte(with(`{"suspend":"` + strings.Repeat("ә", 64_000) + `"}`))); err != nil || len(c.CMI.Suspend) != 128_000 {
		t.Errorf("notes as long as may be, in Kazakh: %v", err)
	}
}

func TestOutcomesAndScores(t *testing.T) {
	for _, tc := range []struct {
		cmi     CMI
		outcome Outcome
		percent int
		told    bool
	}{
		{CMI{}, Running, 0, false},
		{CMI{Status: "not attempted"}, Running, 0, false},
		{CMI{Status: "browsed"}, Running, 0, false},
		{CMI{Status: "incomplete", Score: Score{Raw: "59.9"}}, Running, 59, true},
		{CMI{Status: "passed", Score: Score{Raw: "15", Max: "20"}}, Completed, 75, true},
		{CMI{Status: "failed", Score: Score{Raw: "-5", Min: "-10", Max: "10"}}, Failed, 25, true},
		{CMI{Status: "completed", Score: Score{Raw: "7", Min: "0", Max: "0"}}, Completed, 7, true},
		{CMI{Status: "completed", Success: "failed", Score: Score{Scaled: "0.29"}}, Failed, 29, true},
		{CMI{Status: "incomplete", Success: "passed", Score: Score{Scaled: "1", Raw: "3"}}, Completed, 100, true},
		{CMI{Status: "completed", Success: "unknown", Score: Score{Scaled: "-0.5"}}, Completed, 0, true},
		{CMI{Score: Score{Raw: "400"}}, Running, 100, true},
	} {
		p, told := tc.cmi.Percent()
		if o := tc.cmi.Outcome(); o != tc.outcome || p != tc.percent || told != tc.told {
			t.Errorf("%+v: %s, %d, %v", tc.cmi, o, p, told)
		}
	}
}

// FuzzParseCommit: what is taken is within the limits, and is taken again as it was.
func FuzzParseCommit(f *testing.F) {
	for _, s := range []string{`{"ticket":"1","seq":1,"cmi":{}}`, `{"ticket":"1","seq":9,"cmi":{"status":"passed","time":"0001:02:03.40","score":{"raw":"80","scaled":"-0.8"},"objectives":[{"id":"ә"}]}}`,
		`{"TICKET":"1","seq":1,"cmi":{"suspend":"\ud800"}}`, `{"ticket":"1","seq":1,"cmi":null}`, "{\"ticket\":\"1\",\"seq\":1,\"cmi\":{\"suspend\":\"\\u0000\"}}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := ParseCommit(body)
		if err != nil {
			if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooLarge) {
				t.Fatal(err)
			}
			return
		}
		if p, told := c.CMI.Percent(); p < 0 || p > 100 || told != (c.CMI.Score.Raw != "" || c.CMI.Score.Scaled != "") {
			t.Errorf("%d of %+v", p, c.CMI.Score)
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseCommit(text); len(text) <= MaxBody && (err != nil || len(c.CMI.Objectives) > 0 && !reflect.DeepEqual(again, c)) {
			t.Errorf("%v: %+v, then %+v", err, c, again)
		}
	})
}
