package site

import (
	"bytes"
	"path"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/archive"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/task"
	"ustaz/internal/web"
)

// copyWork is what somebody wrote and handed in for an assignment, for a program to read.
type copyWork struct {
	Task    string         `json:"assignment"` // its title, or its number if it was taken away
	N       int            `json:"try"`
	State   string         `json:"state"`
	Begun   time.Time      `json:"begun"`
	Handed  time.Time      `json:"handed_in,omitzero"`
	Judged  time.Time      `json:"judged,omitzero"`
	Text    string         `json:"text"`
	Files   []copyWorkFile `json:"files"`
	Verdict *task.Verdict  `json:"feedback,omitempty"`
	id      person.ID
}

// copyWorkFile is a file of it: in the signed archive under Path, unless all files together are too large for it; otherwise at its address.
type copyWorkFile struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Size    int64  `json:"size"`
	Address string `json:"address"`
	Path    string `json:"path_in_archive"`
	id      person.ID
}

var workStates = map[task.State]string{task.Draft: "draft", task.HandedIn: "handed_in", task.Returned: "returned", task.Passed: "passed"}

// copyWorks are somebody's works in a course.
func (a *accountPages) copyWorks(names *actorNames, course string, all []*task.Submission) ([]copyWork, error) {
	out := []copyWork{}
	for _, sub := range all {
		if sub.Course != course || sub.Closed {
			continue
		}
		c, err := a.Study.Course(names.r.Context(), course)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		w := copyWork{Task: person.ID(sub.Lesson).String(), N: sub.N, State: workStates[sub.State], Begun: sub.Begun, Handed: sub.Handed, Judged: sub.Ended, Text: sub.Work.Text,
			Files: []copyWorkFile{}, Verdict: sub.Work.Verdict, id: sub.ID}
		if _, l, still := c.Lesson(sub.Lesson); still {
			w.Task = l.Words[c.Lang(names.r.Lang.Code())]
		}
		for _, f := range sub.Files {
			name := f.Name.Reveal()
			w.Files = append(w.Files, copyWorkFile{Name: name, Type: f.Type, Size: f.Size, Path: "files/" + f.ID.String() + path.Ext(name), id: f.ID,
				Address: a.Public.JoinPath(names.r.Path(PathTaskFile, "attempt", sub.ID.String(), "file", f.ID.String())).String()})
		}
		out = append(out, w)
	}
	return out, nil
}

// mostInArchive bounds the files that go into the archive of a copy, in bytes: it is made in memory.
const mostInArchive = 100 << 20

// addFiles puts the files of somebody's works into the archive of their copy, as long as there is room; the others are at their addresses.
func (a *accountPages) addFiles(r *web.Request, s account.Session, courses []copyCourse, file *archive.Writer) error {
	left := int64(mostInArchive)
	for _, c := range courses {
		for _, w := range c.Works {
			for _, f := range w.Files {
				if left -= f.Size; left < 0 {
					return nil
				}
				_, contents, err := a.Tasks.File(r.Context(), s.Subject, w.id, f.id, s.Once("copy"))
				if err == nil {
					err = file.Add(f.Path, bytes.NewReader(contents))
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// worksTable is what somebody handed in for assignments, for the copy on paper.
func worksTable(r *web.Request, courses []copyCourse) web.Table {
	t := web.Table{Caption: r.T("task.tries"), Quiet: true, Columns: []web.Column{{Label: r.T("taskwork.task")}, {Label: r.T("exam.result")}, {Label: r.T("task.work")}, {Label: r.T("task.feedback")}},
		Empty: &web.Empty{Title: r.T("task.copy.none"), Text: web.Plain(r.T("task.copy.none.text"))}}
	for _, c := range courses {
		for _, w := range c.Works {
			work := []string{w.Text}
			for _, f := range w.Files {
				work = append(work, f.Name)
			}
			state, said := r.T("task.copy."+w.State), ""
			if v := w.Verdict; v != nil {
				state += ", " + r.T("task.points.of", i18n.Num("n", int64(v.Won)), i18n.Num("of", int64(v.Of)))
				said = strings.Join(append([]string{v.Said}, v.Words...), "; ")
			}
			t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(c.Title + ": " + w.Task + ", " + r.T("task.try.n", i18n.Str("n", strconv.Itoa(w.N))))}, {Text: web.Plain(state)},
				{Text: web.Plain(strings.TrimPrefix(strings.Join(work, "; "), "; "))}, {Text: web.Plain(strings.Trim(said, "; "))}})
		}
	}
	return t
}
