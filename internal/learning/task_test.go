package learning_test

import (
	"fmt"
	"strings"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
)

func TestRubricIsRead(t *testing.T) {
	for _, code := range i18n.Codes() {
		criteria, err := learning.ParseRubric(learning.RubricSample(code))
		if err != nil || len(criteria) != 2 || criteria[0].Points() != 2 || criteria[1].Levels[2].Points != 0 {
			t.Errorf("%s: %v, %+v", code, err, criteria)
		}
	}
	for text, want := range map[string]string{
		"2 деңгей": "task.rubric.first 1", "# а": "task.rubric.levels 1", "# а\n2 б\n\n# в\n1 г\n0 д": "task.rubric.levels 4", "# а\n2 б\n2 в": "task.rubric.same 3",
		"# а\n-1 б": "task.rubric.line 2", "# а\n02 б": "task.rubric.line 2", "# а\nбір": "task.rubric.line 2", "#": "task.rubric.line 1", "# а\n2": "task.rubric.line 2", "# а\n101 б": "task.rubric.line 2",
		strings.Repeat("# а\n1 б\n0 в\n", 21): "task.rubric.too_many 61", strings.Repeat("а", 20_001): "task.rubric.long 1",
	} {
		_, err := learning.ParseRubric(text)
		if err == nil {
			t.Errorf("%q is taken", text)
			continue
		}
		if f := errs.As(err).Fields[0]; f.Key+" "+f.Args["line"] != want {
			t.Errorf("%.40q: %s %s, want %s", text, f.Key, f.Args["line"], want)
		}
	}
}

func FuzzRubric(f *testing.F) {
	f.Add(learning.RubricSample("kk"))
	f.Add("# a\r\n1 b\n0 c\n")
	f.Fuzz(func(t *testing.T, text string) {
		criteria, err := learning.ParseRubric(text)
		if err != nil {
			return
		}
		var b strings.Builder
		for _, c := range criteria {
			if len(c.Levels) < 2 || c.Points() < 1 {
				t.Fatalf("%+v", c)
			}
			fmt.Fprintf(&b, "# %s\n", c.Text)
			for _, l := range c.Levels {
				fmt.Fprintf(&b, "%d %s\n", l.Points, l.Text)
			}
		}
		again, err := learning.ParseRubric(b.String())
		if err != nil && b.Len() <= learning.MaxRubric || err == nil && fmt.Sprint(again) != fmt.Sprint(criteria) {
			t.Fatalf("%v: %+v became %+v", err, criteria, again)
		}
	})
}
